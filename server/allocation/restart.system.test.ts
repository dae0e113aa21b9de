import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger, type LogFields } from "../../base/log.ts";
import type { ClusterOptions } from "../../cluster/testing.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { http, startTrial } from "./trial.testing.ts";

const addressesUrl = "/apis/networking.k8s.io/v1/ipaddresses";
const started = Date.parse("2026-05-04T03:02:01Z");

let dataDir: string;
let warnings: string[];
let clock: ManualClock;
let options: ClusterOptions;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "wherry-allocation-"));
  warnings = [];
  clock = new ManualClock(started);
  const warn = (message: string, { address, port, name }: LogFields = {}): void => {
    warnings.push(
      [message, address ?? port, name]
        .filter((part) => part !== undefined)
        .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
        .join(" | "),
    );
  };
  options = { dataDir, durable: false, clock, log: { ...silentLogger, warn } };
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("addresses and ports are kept over a restart", async () => {
  const spec = { clusterIP: "10.96.0.10", type: "NodePort", ports: [{ ...http, nodePort: 30_100 }] };
  {
    await using trial = await startTrial(options);
    await trial.create("web", spec);
  }
  await using trial = await startTrial(options);
  expect(await trial.holders()).toEqual({ "10.96.0.1": "default/kubernetes", "10.96.0.10": "default/web" });
  expect(await trial.refusal("other", { clusterIP: "10.96.0.10", ports: [http] })).toContain("already allocated");
  expect(await trial.refusal("other", { type: "NodePort", ports: [{ ...http, nodePort: 30_100 }] })).toContain(
    "already allocated",
  );
  await trial.remove("web");
  expect(await trial.refusal("other", spec)).toBe("created");
  expect(warnings).toEqual([]);
});

test("a start gives services their addresses again, and takes back those that nobody has", async () => {
  {
    await using trial = await startTrial(options);
    await trial.create("robbed", { clusterIP: "10.96.0.11", ports: [http] });
    await trial.create("misled", { clusterIP: "10.96.0.12", ports: [http] });
    await trial.create("unlabelled", { clusterIP: "10.96.0.13", ports: [http] });
    for (const address of ["10.96.0.1", "10.96.0.11", "10.96.0.12", "10.96.0.13"])
      await trial.send({ method: "DELETE", url: `${addressesUrl}/${address}` });
    const managed = {
      "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
      "ipaddress.kubernetes.io/ip-family": "IPv4",
    };
    const add = (name: string, holder: string, labels: object = managed): Promise<object> =>
      trial.send({
        method: "POST",
        url: addressesUrl,
        body: {
          apiVersion: "networking.k8s.io/v1",
          kind: "IPAddress",
          metadata: { name, labels },
          spec: { parentRef: { resource: "services", namespace: "default", name: holder } },
        },
      });
    await add("10.96.0.12", "nobody");
    await add("10.96.0.13", "unlabelled", {});
    await add("10.96.0.14", "gone");
    await add("10.96.0.15", "robbed");
    // Somebody else's: not ours to judge.
    await add("10.96.0.16", "gone", {});
  }
  clock.advance(61_000);
  {
    await using trial = await startTrial(options);
    expect(await trial.holders()).toEqual({
      "10.96.0.1": "default/kubernetes",
      "10.96.0.11": "default/robbed",
      "10.96.0.12": "default/misled",
      "10.96.0.13": "default/unlabelled",
      "10.96.0.16": "default/gone",
    });
    const again = "a service's address was not allocated; it is now";
    const freed = "an address that no service has was still allocated; it is free now";
    expect(warnings.sort()).toEqual([
      `${again} | 10.96.0.1 | kubernetes`,
      `${again} | 10.96.0.11 | robbed`,
      `${again} | 10.96.0.12 | misled`,
      `${again} | 10.96.0.13 | unlabelled`,
      `${freed} | 10.96.0.14`,
      `${freed} | 10.96.0.15`,
    ]);
    const repaired = await trial.send({ method: "GET", url: `${addressesUrl}/10.96.0.13` });
    expect(repaired).toMatchObject({ metadata: { labels: { "ipaddress.kubernetes.io/ip-family": "IPv4" } } });
  }
  warnings = [];
  await using _trial = await startTrial(options);
  expect(warnings).toEqual([]);
});

test("an address whose service may still be on its way is looked at again later", async () => {
  {
    await using trial = await startTrial(options);
    const labels = { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" };
    const parentRef = { resource: "services", namespace: "default", name: "late" };
    const body = {
      apiVersion: "networking.k8s.io/v1",
      kind: "IPAddress",
      metadata: { name: "10.96.0.20", labels },
      spec: { parentRef },
    };
    await trial.send({ method: "POST", url: addressesUrl, body });
  }
  clock.advance(30_000);
  await using trial = await startTrial(options);
  expect(await trial.holders()).toHaveProperty(["10.96.0.20"]);
  clock.advance(60_000);
  await expect.poll(() => trial.holders()).not.toHaveProperty(["10.96.0.20"]);
});

test("what cannot be right is told, and left alone", async () => {
  {
    await using trial = await startTrial(options);
    await trial.addRange("old", "10.50.0.0/24");
    await trial.create("outside", { clusterIP: "10.50.0.7", type: "NodePort", ports: [{ ...http, nodePort: 30_100 }] });
    await trial.send({ method: "DELETE", url: "/apis/networking.k8s.io/v1/servicecidrs/old" });
    await trial.send({ method: "DELETE", url: `${addressesUrl}/10.50.0.7` });
    // Who removes the object of an address that is in use lets somebody else have it, too.
    await trial.create("first", { clusterIP: "10.96.0.30", ports: [http] });
    await trial.send({ method: "DELETE", url: `${addressesUrl}/10.96.0.30` });
    await trial.create("second", { clusterIP: "10.96.0.30", ports: [http] });
  }
  await using trial = await startTrial({ ...options, nodePorts: { first: 31_000, last: 31_010 } });
  expect(warnings.sort()).toEqual([
    "a node port is not in the range of node ports; create its service anew | 30100 | outside",
    "a service's address is in no ServiceCIDR; create the service anew | 10.50.0.7 | outside",
    "an address belongs to several services; create this one anew | 10.96.0.30 | first",
  ]);
  await trial.remove("first");
  expect(await trial.holders()).toMatchObject({ "10.96.0.30": "default/second" });
  await trial.remove("outside");
});
