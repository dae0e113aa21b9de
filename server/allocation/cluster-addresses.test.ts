import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IPAddress } from "../../api/generated/types/networking-v1.ts";
import { http, messageOf, startTrial, type Trial } from "./trial.testing.ts";

const ports = [http];
const kubernetes = { "10.96.0.1": "default/kubernetes" };

describe("in a cluster of one family", () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await startTrial();
  });
  afterAll(() => trial[Symbol.asyncDispose]());

  /** Runs with a service that is gone afterwards, with all that it held. */
  async function withService(name: string, then: () => Promise<void>): Promise<void> {
    try {
      await then();
    } finally {
      await trial.remove(name);
    }
    expect(Object.values(await trial.holders())).not.toContain(`default/${name}`);
  }

  test("the kubernetes Service has the first address, and the range is ready", async () => {
    expect(await trial.holders()).toMatchObject(kubernetes);
    const range = await trial.send({ method: "GET", url: "/apis/networking.k8s.io/v1/servicecidrs/kubernetes" });
    expect(range).toMatchObject({
      status: { conditions: [{ type: "Ready", status: "True", message: "Kubernetes default Service CIDR is ready" }] },
    });
  });

  test("a service gets an address of the upper band, kept in an object of its name", async () => {
    const spec = await trial.create("web");
    await withService("web", async () => {
      expect(spec).toMatchObject({ clusterIPs: [spec.clusterIP], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
      const [, , third = 0] = (spec.clusterIP ?? "").split(".").map(Number);
      expect(third).toBeGreaterThan(0);
      const object = await trial.send<IPAddress>({
        method: "GET",
        url: `/apis/networking.k8s.io/v1/ipaddresses/${spec.clusterIP}`,
      });
      expect(object.metadata?.labels).toEqual({
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
      });
      expect(object.spec).toEqual({ parentRef: { resource: "services", namespace: "default", name: "web" } });
    });
  });

  test("an address that is asked for is given when it is free, and again when it has become free", async () => {
    for (const name of ["dns", "dns-again"]) {
      const spec = await trial.create(name, { clusterIP: "10.96.0.10", ports });
      await withService(name, async () => {
        expect(spec.clusterIPs).toEqual(["10.96.0.10"]);
        expect(await trial.refusal("other", { clusterIP: "10.96.0.10", ports })).toBe(
          'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
        );
      });
    }
  });

  test.each([
    ["10.97.0.1", "", "the provided network does not match the current range"],
    ["10.96.0.0", "", "the provided network does not match the current range"],
    ["10.96.255.255", "", "the provided network does not match the current range"],
    [
      "10.97.0.1",
      "?dryRun=All",
      "the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
    ],
    ["10.96.0.1", "?dryRun=All", "provided IP is already allocated"],
  ])("%s is not to be had%s", async (ip, query, why) => {
    expect(await trial.refusal("other", { clusterIP: ip, ports }, query)).toBe(
      `Service "other" is invalid: spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: ${why}`,
    );
  });

  test("a dry run shows an address and takes none", async () => {
    const spec = await trial.create("dry", { type: "NodePort", ports }, "?dryRun=All");
    expect(spec.clusterIP).toMatch(/^10\.96\./);
    expect(spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(await trial.holders()).toEqual(kubernetes);
  });

  test("headless services and names elsewhere have none", async () => {
    expect(await trial.create("headless", { clusterIP: "None", selector: { app: "web" } })).toMatchObject({
      clusterIPs: ["None"],
    });
    expect(await trial.create("elsewhere", { type: "ExternalName", externalName: "db.example" })).not.toHaveProperty(
      "clusterIP",
    );
    expect(await trial.holders()).toEqual(kubernetes);
    await trial.remove("headless");
    await trial.remove("elsewhere");
  });

  test("what a failed creation had taken is free again", async () => {
    await trial.create("first", { clusterIP: "10.96.0.20", type: "NodePort", ports: [{ ...http, nodePort: 30_020 }] });
    await withService("first", async () => {
      // The address is taken before the port is refused.
      expect(
        await trial.refusal("second", {
          clusterIP: "10.96.0.21",
          type: "NodePort",
          ports: [{ ...http, nodePort: 30_020 }],
        }),
      ).toContain("provided port is already allocated");
      const tries = await Promise.all(
        Array.from({ length: 5 }, () => trial.create("twin").then(() => "created", messageOf)),
      );
      expect(tries.filter((said) => said === "created")).toHaveLength(1);
      await withService("twin", async () => {
        const [twin, first] = [await trial.read("twin"), await trial.read("first")];
        expect(await trial.holders()).toEqual({
          ...kubernetes,
          [first.clusterIP ?? ""]: "default/first",
          [twin.clusterIP ?? ""]: "default/twin",
        });
      });
    });
  });

  test("200 services at once have 200 addresses", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `many-${index}`);
    const specs = await Promise.all(names.map((name) => trial.create(name)));
    expect(new Set(specs.map(({ clusterIP }) => clusterIP)).size).toBe(200);
    expect(await trial.addresses()).toHaveLength(201);
    await Promise.all(names.map((name) => trial.remove(name)));
    expect(await trial.holders()).toEqual(kubernetes);
  });

  describe("a change", () => {
    test("that leaves the address out keeps it; another one is refused", async () => {
      const { clusterIP } = await trial.create("kept");
      await withService("kept", async () => {
        expect(await trial.replace("kept", { ports: [{ ...http, port: 81 }] })).toMatchObject({
          clusterIP,
          clusterIPs: [clusterIP],
          ipFamilies: ["IPv4"],
        });
        expect(await trial.replace("kept", { clusterIP: "10.96.0.30", ports }).then(String, messageOf)).toBe(
          'Service "kept" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.30"]: may not change once set',
        );
        expect(await trial.holders()).toEqual({ ...kubernetes, [clusterIP ?? ""]: "default/kept" });
      });
    });

    test("to a name elsewhere gives the address back, and takes one when it is undone", async () => {
      await trial.create("moving", { clusterIP: "10.96.0.40", ports });
      await withService("moving", async () => {
        const away = await trial.patch("moving", { type: "ExternalName", externalName: "db.example" });
        expect(away).not.toHaveProperty("clusterIPs");
        expect(away).not.toHaveProperty("ipFamilies");
        expect(await trial.holders()).toEqual(kubernetes);
        const back = await trial.patch("moving", { type: "ClusterIP", externalName: null, clusterIP: "10.96.0.41" });
        expect(back).toMatchObject({ clusterIPs: ["10.96.0.41"], ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] });
        expect(await trial.holders()).toEqual({ ...kubernetes, "10.96.0.41": "default/moving" });
      });
    });

    test("that is refused, or a dry run, takes and gives back nothing", async () => {
      await trial.create("still", { type: "ExternalName", externalName: "db.example" });
      await withService("still", async () => {
        const wanted = { type: "ClusterIP", clusterIP: "10.96.0.50", ports };
        expect((await trial.replace("still", wanted, "?dryRun=All")).clusterIPs).toEqual(["10.96.0.50"]);
        expect(
          await trial
            .replace("still", { ...wanted, type: "NodePort", ports: [{ ...http, nodePort: 1 }] })
            .then(String, messageOf),
        ).toContain("provided port is not in the valid range");
        expect(await trial.holders()).toEqual(kubernetes);
      });
    });

    test("in a hundred hands leaves one address", async () => {
      await trial.create("busy", { type: "ExternalName", externalName: "db.example" });
      await withService("busy", async () => {
        const spec = { type: "ClusterIP", ports, externalName: null };
        const tries = await Promise.all(
          Array.from({ length: 100 }, () => trial.patch("busy", spec).then(() => "done", messageOf)),
        );
        expect(tries).toContain("done");
        const { clusterIP = "" } = await trial.read("busy");
        expect(await trial.holders()).toEqual({ ...kubernetes, [clusterIP]: "default/busy" });
      });
    });

    test("of the last finalizer, in a deletion, gives the address back", async () => {
      const { clusterIP } = await trial.create("waiting");
      const url = "/api/v1/namespaces/default/services/waiting";
      const finalizers = (list: readonly string[]): object => ({ metadata: { finalizers: list } });
      const contentType = "application/merge-patch+json";
      await trial.send({ method: "PATCH", url, contentType, body: finalizers(["example.com/wait"]) });
      await trial.remove("waiting");
      expect(Object.keys(await trial.holders())).toContain(clusterIP);
      await trial.send({ method: "PATCH", url, contentType, body: finalizers([]) });
      expect(await trial.holders()).toEqual(kubernetes);
    });
  });
});

describe("in a small range", () => {
  test("the addresses end, come back with a deletion, and grow with another ServiceCIDR", async () => {
    await using trial = await startTrial({ serviceRanges: ["10.0.0.0/29"] });
    const names = ["a", "b", "c", "d", "e"];
    const specs = await Promise.all(names.map((name) => trial.create(name)));
    expect(specs.map(({ clusterIP }) => clusterIP).sort()).toEqual([
      "10.0.0.2",
      "10.0.0.3",
      "10.0.0.4",
      "10.0.0.5",
      "10.0.0.6",
    ]);
    const full = "Internal error occurred: failed to allocate a serviceIP: range is full";
    expect(await trial.refusal("f", { ports })).toBe(full);

    const { clusterIP } = await trial.read("c");
    await trial.remove("c");
    expect((await trial.create("f")).clusterIP).toBe(clusterIP);
    expect(await trial.refusal("g", { ports })).toBe(full);

    await trial.addRange("more", "10.0.1.0/29");
    expect((await trial.create("g")).clusterIP).toMatch(/^10\.0\.1\.[1-6]$/);
    expect(await trial.create("h", { clusterIP: "10.0.1.0", ports }).catch(messageOf)).toContain(
      "does not match the current range",
    );
  });

  test("the kubernetes Service's address waits for it, even when it is gone", async () => {
    await using trial = await startTrial({ serviceRanges: ["10.0.0.0/29"] });
    await trial.remove("kubernetes");
    const said = await Promise.all(["a", "b", "c", "d", "e", "f"].map((name) => trial.refusal(name, { ports })));
    expect(said.filter((one) => one === "created")).toHaveLength(5);
    expect(await trial.holders()).not.toHaveProperty(["10.0.0.1"]);
    expect(await trial.refusal("kubernetes", { clusterIP: "10.0.0.1", ports })).toBe("created");
  });

  test("a ServiceCIDR that is not ready, or going, gives no addresses", async () => {
    await using trial = await startTrial({ serviceRanges: ["10.0.0.0/29"] });
    await trial.addRange("more", "10.0.1.0/29");
    const url = "/apis/networking.k8s.io/v1/servicecidrs/more";
    const contentType = "application/merge-patch+json";
    const ready = (status: string): object => ({
      status: {
        conditions: [
          { type: "Ready", status, reason: "Test", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
        ],
      },
    });
    const wanted = { clusterIP: "10.0.1.3", ports };
    await trial.send({ method: "PATCH", url: `${url}/status`, contentType, body: ready("False") });
    expect(await trial.refusal("web", wanted)).toContain("does not match the current range");
    await trial.send({ method: "PATCH", url: `${url}/status`, contentType, body: ready("True") });
    expect(await trial.refusal("web", wanted)).toBe("created");
    await trial.send({ method: "PATCH", url, contentType, body: { metadata: { finalizers: ["example.com/wait"] } } });
    await trial.send({ method: "DELETE", url });
    expect(await trial.refusal("other", { ...wanted, clusterIP: "10.0.1.4" })).toContain(
      "does not match the current range",
    );
  });
});

describe("in a cluster of two families", () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await startTrial({ serviceRanges: ["10.96.0.0/16", "fd00:10:96::/112"] });
  });
  afterAll(() => trial[Symbol.asyncDispose]());

  test("a service has one address of the first family unless it says otherwise", async () => {
    expect(await trial.create("one")).toMatchObject({ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
    const six = await trial.create("six", { ipFamilies: ["IPv6"], ports });
    expect(six.clusterIPs).toEqual([expect.stringMatching(/^fd00:10:96::/)]);
  });

  test.each([
    [{ ipFamilies: ["IPv4", "IPv4"] }, 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
    [
      { clusterIP: "10.96.0.70", clusterIPs: ["10.96.0.70", "10.96.0.71"] },
      "may specify no more than one IP for each IP family",
    ],
  ])("%j is refused", async (spec, why) => {
    expect(await trial.refusal("twice", { ...spec, ipFamilyPolicy: "PreferDualStack", ports })).toContain(why);
  });

  test("two addresses come in the order of the families", async () => {
    const spec = await trial.create("two", { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6"], ports });
    expect(spec.ipFamilies).toEqual(["IPv6", "IPv4"]);
    expect(spec.clusterIPs).toEqual([expect.stringMatching(/^fd00:10:96::/), expect.stringMatching(/^10\.96\./)]);
    expect(spec.clusterIP).toBe(spec.clusterIPs?.[0]);
  });

  test("a second family comes and goes with the policy", async () => {
    const { clusterIP } = await trial.create("turning");
    const both = await trial.patch("turning", { ipFamilyPolicy: "RequireDualStack" });
    expect(both.clusterIPs).toEqual([clusterIP, expect.stringMatching(/^fd00:10:96::/)]);
    const second = both.clusterIPs?.[1] ?? "";
    expect(await trial.holders()).toMatchObject({ [second]: "default/turning" });
    const one = await trial.patch("turning", { ipFamilyPolicy: "SingleStack" });
    expect(one).toMatchObject({ clusterIPs: [clusterIP], ipFamilies: ["IPv4"] });
    expect(await trial.holders()).not.toHaveProperty([second]);
  });

  test("when the second address is not to be had, the first one is free again", async () => {
    const spec = { ipFamilyPolicy: "RequireDualStack", clusterIP: "10.96.0.60", ports };
    expect(await trial.refusal("half", { ...spec, clusterIPs: ["10.96.0.60", "fd00:10:97::1"] })).toBe(
      'Service "half" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.60","fd00:10:97::1"]: failed to allocate IP fd00:10:97::1: the provided network does not match the current range',
    );
    expect(
      (await trial.create("whole", { ...spec, clusterIPs: ["10.96.0.60", "FD00:10:96:0::7"] })).clusterIPs,
    ).toHaveLength(2);
    expect(await trial.holders()).toMatchObject({ "fd00:10:96::7": "default/whole" });
    await trial.remove("whole");
    expect(await trial.holders()).not.toHaveProperty(["fd00:10:96::7"]);
  });
});
