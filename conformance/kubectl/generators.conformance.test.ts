import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences } from "../contains.ts";
import type { Manifest } from "../manifests.ts";
import { generators, type Generator } from "./generators.ts";
import { minors, openStage, withFlags, type Stage } from "./stage.ts";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "fixtures");

describe.each(minors)("kubectl 1.%i creates by generator", (minor) => {
  let stage: Stage;
  let all: readonly Generator[];

  beforeAll(async () => {
    stage = await openStage(minor, "generators");
    const [text, env] = [join(stage.kubectl.home, "text"), join(stage.kubectl.home, "env")];
    await writeFile(text, "some text\n");
    await writeFile(env, "ONE=1\nTWO=two words\n");
    all = generators({ text, env, certificate: join(fixtures, "tls.crt"), key: join(fixtures, "tls.key") }, stage.run);
  });
  afterAll(async () => {
    for (const { args } of all.filter(({ cluster }) => cluster))
      await stage.ok("delete", ...args.slice(0, 2), "--ignore-not-found");
    await stage[Symbol.asyncDispose]();
  });

  /** `service nodeport outer` is the service `outer`. */
  const made = ({ args }: Generator): string => {
    const named = args.slice(0, ["secret", "service"].includes(args[0] ?? "") ? 3 : 2);
    return `${named[0]}/${named.at(-1)}`;
  };

  test("--dry-run=client and --dry-run=server show the object and leave nothing", async () => {
    for (const generator of all) {
      if (generator.args.some((arg) => arg.startsWith("--from=cronjob"))) continue;
      const client = await stage.json("create", ...withFlags(generator.args, "--dry-run=client"));
      expect(differences(generator.wants, { ...client }), generator.args.join(" ")).toEqual(
        // Defaults come from the server.
        expect.toSatisfy((missing: readonly string[]) =>
          missing.every((each) => /allocateLoadBalancer|clusterIPs|protocol/.test(each)),
        ),
      );
      const server = await stage.json("create", ...withFlags(generator.args, "--dry-run=server"));
      expect(differences(generator.wants, server), generator.args.join(" ")).toEqual([]);
    }
    const outcome = await stage.kubectl.run(["get", ...all.map(made), "-n", stage.namespace, "-o", "name"]);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr.match(/NotFound/g)).toHaveLength(all.length);
  });

  test("what was asked for comes back, with the server's marks", async () => {
    for (const generator of all) {
      const object = await stage.json("create", ...generator.args);
      expect(differences(generator.wants, object), generator.args.join(" ")).toEqual([]);
      expect((object.metadata as { uid?: string }).uid, generator.args.join(" ")).toMatch(/^[0-9a-f-]{36}$/);
    }
    const read = JSON.parse(await stage.ok("get", ...all.map(made), "-o", "json")) as { items: readonly Manifest[] };
    read.items.forEach((object, index) => expect(differences(all[index]?.wants, object)).toEqual([]));
    expect(read.items).toHaveLength(all.length);
  });

  test("services get addresses and ports of their own", async () => {
    const list = JSON.parse(await stage.ok("get", "services", "inner", "outer", "wide", "elsewhere", "-o", "json")) as {
      items: readonly { spec: { clusterIP?: string; ports?: readonly { nodePort?: number }[] } }[];
    };
    const addresses = list.items.map(({ spec }) => spec.clusterIP);
    expect(addresses.slice(0, 3).filter((address) => /^\d+(\.\d+){3}$/.test(address ?? ""))).toHaveLength(3);
    expect(new Set(addresses).size).toBe(4);
    expect(addresses[3]).toBeUndefined();
    const nodePorts = list.items.slice(1, 3).map(({ spec }) => spec.ports?.[0]?.nodePort ?? 0);
    expect(nodePorts.every((port) => port >= 30_000 && port <= 32_767)).toBe(true);
    expect(new Set(nodePorts).size).toBe(2);
  });

  test("a second object of the same name is refused, and so is nonsense", async () => {
    expect(await stage.refused("create", "configmap", "settings")).toBe(
      'error: failed to create configmap: configmaps "settings" already exists\n',
    );
    expect(await stage.refused("create", "namespace", "Not_A_Name")).toMatch(
      /^The Namespace "Not_A_Name" is invalid: metadata\.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 label must consist of/,
    );
    expect(await stage.refused("create", "quota", "none", "--hard=pods=-1")).toContain(
      "must be greater than or equal to 0",
    );
  });
});
