import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage, type Stage } from "../kubectl/stage.ts";
import { rowPattern, tableLines } from "../kubectl/table-text.ts";
import type { Manifest } from "../manifests.ts";
import { brokenObjects } from "./broken-objects.ts";
import { defineAll, group, object, removeAll } from "./definitions.ts";

describe("kubectl and the objects of custom kinds", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(36, "crd-objects");
    await defineAll(stage);
  });
  afterAll(async () => {
    await removeAll(stage);
    await stage[Symbol.asyncDispose]();
  });

  const send = (command: readonly string[], ...objects: readonly object[]): ReturnType<Stage["kubectl"]["run"]> =>
    stage.kubectl.run([...command, "-n", stage.namespace, "-f", "-"], {
      stdin: objects.map((one) => JSON.stringify(one)).join("\n---\n"),
    });
  const made = async (...objects: readonly object[]): Promise<void> => {
    const { code, stderr } = await send(["create"], ...objects);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  };
  const seal = (name: string, spec: object = {}): object =>
    object("Seal", name, { spec: { secretName: "s", commonName: "c", issuer: { name: "i" }, ...spec } });
  const merge = (resource: string, name: string, body: object, ...args: readonly string[]): readonly string[] => [
    "patch",
    resource,
    name,
    "--type=merge",
    "-p",
    JSON.stringify(body),
    ...args,
  ];

  test("each broken rule is told in upstream's words", async () => {
    const { stderr } = await send(
      ["create"],
      ...brokenObjects.map(({ kind, name, spec }) => object(kind, name, { spec })),
    );
    const notChecked =
      "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    const told = new Map(
      stderr
        .split("\n")
        .map((line) => /"(?<name>[^"]+)" is invalid: (?<says>.*)$/.exec(line)?.groups)
        .map((groups) => [groups?.["name"], groups?.["says"]]),
    );
    for (const { name, says } of brokenObjects) {
      const text = told.get(name)?.replace(`, ${notChecked}`, "");
      if (says.length < 2) expect.soft(text?.replace(/^\[(.*)\]$/, "$1"), name).toBe(says[0]);
      else for (const one of says) expect.soft(text, name).toContain(one);
    }
  });

  test("unknown fields are refused, or warned of and pruned", async () => {
    const spec = { secretName: "s", commonName: "c", issuer: { name: "i", colour: "red" } };
    const odd = { ...object("Seal", "odd", { spec }), colour: "blue" };
    expect((await send(["create"], odd)).stderr).toContain(
      'Seal in version "v1" cannot be handled as a Seal: strict decoding error: unknown field "colour", unknown field "spec.issuer.colour"',
    );
    expect((await send(["create", "--validate=warn"], odd)).stderr).toBe(
      'Warning: unknown field "colour"\nWarning: unknown field "spec.issuer.colour"\n',
    );
    const stored = await stage.json("get", "seal", "odd");
    expect(stored).not.toHaveProperty("colour");
    expect(stored).not.toHaveProperty(["spec", "issuer", "colour"]);
  });

  test("defaults are filled in, in what is there and in what is made", async () => {
    await made(
      seal("defaults", { keystore: null }),
      object("Lookout", "defaults", {
        spec: { ports: [{ port: 1 }, { port: 1, protocol: "UDP" }], endpoints: [{ relabel: [{ target: "t" }] }] },
      }),
      object("Voyage", "defaults", { spec: { sources: [{ repo: "https://git.example/a" }], syncPolicy: null } }),
    );
    expect((await stage.json("get", "seal", "defaults"))["spec"]).toEqual({
      secretName: "s",
      commonName: "c",
      issuer: { name: "i", kind: "Issuer", group },
      authority: false,
      lifetime: "2160h",
      dnsNames: [],
      privateKey: { algorithm: "RSA", rotation: "Always" },
      keystore: null,
    });
    expect((await stage.json("get", "lookout", "defaults"))["spec"]).toEqual({
      version: "v3.1.0",
      replicas: 1,
      ports: [
        { port: 1, protocol: "TCP" },
        { port: 1, protocol: "UDP" },
      ],
      endpoints: [{ relabel: [{ target: "t", action: "replace" }] }],
    });
    expect((await stage.json("get", "voyage", "defaults"))["spec"]).toEqual({
      sources: [{ repo: "https://git.example/a", revision: "HEAD" }],
      syncPolicy: null,
    });
  });

  test("what the schema leaves open stays, big numbers and odd names included", async () => {
    const template = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", labels: { a: "b" } },
      spec: { any: [1, { thing: true }] },
    };
    const text = JSON.stringify(
      object("Lookout", "open", {
        spec: { extra: { known: { level: 1 }, big: 0, other: [null] }, volumeClaimTemplate: template },
      }),
    ).replace('"big":0', '"big":9007199254740993,"__proto__":{"constructor":"data"}');
    await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], { stdin: text });
    const stored = await stage.ok("get", "lookout", "open", "-o", "json");
    expect(stored).toContain("9007199254740993");
    expect(stored).toMatch(/"__proto__": \{\s+"constructor": "data"\s+\}/);
    expect((JSON.parse(stored) as { spec: { volumeClaimTemplate: object } }).spec.volumeClaimTemplate).toEqual(
      template,
    );
    const pruned = await send(["create"], object("Lookout", "shut", { spec: { extra: { known: { colour: 1 } } } }));
    expect(pruned.stderr).toContain('unknown field "spec.extra.known.colour"');
  });

  test("columns, wide columns, short names and categories", async () => {
    await made(seal("columns", { dnsNames: ["one.example", "two.example"] }));
    const conditions = ["Issuing", "Ready"].map((type) => ({ type, status: type === "Ready" ? "True" : "False" }));
    await stage.ok(...merge("seal", "columns", { status: { serial: 7, conditions } }, "--subresource=status"));
    const plain = tableLines(await stage.ok("get", "wax", "columns"));
    expect(plain[0]).toBe("NAME | READY | SECRET | AGE");
    expect(plain[1]).toMatch(rowPattern("columns | True | s | AGE"));
    const wide = tableLines(await stage.ok("get", "sl", "columns", "-o", "wide"));
    expect(wide[0]).toBe("NAME | READY | SECRET | ISSUER | NAMES | SERIAL | AGE");
    expect(wide[1]).toMatch(rowPattern("columns | True | s | i | one.example | 7 | AGE"));
    await made(
      object("Lookout", "columns", { spec: { paused: true, share: 0.25, replicas: 3 } }),
      object("Voyage", "columns", {
        spec: { sources: [{ repo: "https://git.example/b" }] },
        status: { sync: "Synced" },
      }),
    );
    expect(tableLines(await stage.ok("get", "lkt", "columns", "-o", "wide"))).toEqual([
      "NAME | VERSION | DESIRED | READY | PAUSED | SHARE",
      "columns | v3.1.0 | 3 | true | 0.25",
    ]);
    expect(tableLines(await stage.ok("get", "voy", "columns"))).toEqual([
      "NAME | SYNC STATUS | SOURCE",
      "columns | Synced | https://git.example/b",
    ]);
    const names = await stage.ok("get", "harbour", "-o", "name");
    expect(names).toContain(`seal.${group}/columns\n`);
    expect(names).toContain(`lookout.${group}/columns\n`);
    expect(names).toContain(`voyage.${group}/columns\n`);
    expect(await stage.ok("get", "conformance-all", "-o", "name")).not.toContain("lookout");
    const shown = await stage.ok(
      "get",
      "seals",
      "columns",
      "-o",
      "custom-columns=N:.metadata.name,K:.spec.privateKey.algorithm",
    );
    expect(tableLines(shown)).toEqual(["N | K", "columns | RSA"]);
  });

  test("field selectors go by what the definition names", async () => {
    await made(seal("mine", { authority: true }), seal("theirs", { issuer: { name: "i", kind: "ClusterIssuer" } }));
    const select = (selector: string): Promise<string> =>
      stage.ok("get", "seals", "-o", "name", "--field-selector", selector);
    expect(await select("spec.authority=true")).toBe(`seal.${group}/mine\n`);
    expect(await select("spec.issuer.kind!=Issuer")).toBe(`seal.${group}/theirs\n`);
    expect(await select("spec.issuer.kind=Issuer,metadata.name=theirs")).toBe("");
    expect(await stage.refused("get", "seals", "--field-selector=spec.secretName=s")).toContain(
      "field label not supported: spec.secretName",
    );
    await using watch = stage.kubectl.start([
      ...["get", "seals", "-n", stage.namespace, "-w", "--output-watch-events", "--no-headers"],
      "--field-selector=spec.authority=true",
    ]);
    await watch.until((text) => /^ADDED +mine /m.test(text));
    await stage.ok(...merge("seal", "theirs", { spec: { authority: true } }));
    await stage.ok(...merge("seal", "mine", { spec: { authority: false } }));
    await watch.until((text) => /^ADDED +theirs [^]*^DELETED +mine /m.test(text));
  });

  test("rules that compare with what was", async () => {
    await made(
      seal("old"),
      object("Recipe", `conformance-${stage.run}`, {
        spec: { makes: { apiVersion: "v1", kind: "Boat" }, pipeline: [{ step: "a" }] },
      }),
    );
    const name = `conformance-${stage.run}`;
    expect(await stage.refused(...merge("seal", "old", { spec: { secretName: "t" } }))).toBe(
      'The Seal "old" is invalid: spec.secretName: Invalid value: "t": the secret cannot be changed\n',
    );
    await stage.ok(...merge("recipe", name, { spec: { generationHint: 5 } }));
    expect(await stage.refused(...merge("recipe", name, { spec: { generationHint: 4 } }))).toBe(
      `The Recipe "${name}" is invalid: spec.generationHint: Invalid value: the hint only grows\n`,
    );
    expect(await stage.refused(...merge("recipe", name, { spec: { makes: { kind: "Raft" } } }))).toBe(
      `The Recipe "${name}" is invalid: spec.makes: Invalid value: it is too late to make a Raft\n`,
    );
    await stage.ok("delete", "recipe", name);
  });

  test("status is apart, and generations count the rest", async () => {
    await made(
      object("Seal", "apart", {
        spec: { secretName: "s", commonName: "c", issuer: { name: "i" } },
        status: { serial: 1 },
      }),
    );
    expect(await stage.json("get", "seal", "apart")).not.toHaveProperty("status");
    await stage.ok(
      ...merge("seal", "apart", { status: { serial: 2 }, spec: { commonName: "ignored" } }, "--subresource=status"),
    );
    await stage.ok(...merge("seal", "apart", { status: { serial: 3 }, metadata: { labels: { a: "b" } } }));
    expect(await stage.json("get", "seal", "apart")).toMatchObject({
      metadata: { generation: 1, labels: { a: "b" } },
      spec: { commonName: "c" },
      status: { serial: 2 },
    });
    await stage.ok(...merge("seal", "apart", { spec: { commonName: "d" } }));
    expect((await stage.json("get", "seal", "apart")).metadata).toMatchObject({ generation: 2 });
    expect(
      await stage.refused(
        ...merge("seal", "apart", { status: { conditions: [{ type: "Ready" }] } }, "--subresource=status"),
      ),
    ).toContain("status.conditions[0].status: Required value");
    expect(await stage.refused(...merge("lookout", "none", { status: {} }, "--subresource=status"))).toContain(
      "NotFound",
    );
    expect(await stage.refused(...merge("voyage", "columns", { status: {} }, "--subresource=status"))).toContain(
      "the server could not find the requested resource",
    );
  });

  test("scale", async () => {
    await made(object("Lookout", "scaled", { spec: { replicas: 2 } }));
    expect(await stage.ok("scale", "lookout/scaled", "--replicas=4", "--current-replicas=2")).toBe(
      `lookout.${group}/scaled scaled\n`,
    );
    await stage.ok(
      ...merge("lookout", "scaled", { status: { replicas: 3, selector: "app=scaled" } }, "--subresource=status"),
    );
    expect(await stage.json("get", "lookout", "scaled", "--subresource=scale")).toMatchObject({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      spec: { replicas: 4 },
      status: { replicas: 3, selector: "app=scaled" },
    });
    expect(await stage.refused("scale", "lookout/scaled", "--replicas=-1")).toMatch(/must be|should be greater than/);
    const auto = ["autoscale", "lookout", "scaled", "--min=1", "--max=3", "--cpu=80%"];
    expect(await stage.ok(...auto)).toBe("horizontalpodautoscaler.autoscaling/scaled autoscaled\n");
    expect(await stage.refused("scale", "seal/mine", "--replicas=2")).toContain(
      "the server could not find the requested resource",
    );
  });

  test("patches: merge and JSON, no strategic ones", async () => {
    await made(seal("patched", { dnsNames: ["a", "b"] }));
    expect(await stage.refused("patch", "seal", "patched", "--type=strategic", "-p", "{}")).toContain(
      "application/strategic-merge-patch+json is not supported by harbour.conformance.example/v1, Kind=Seal: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    );
    const operations = [
      { op: "test", path: "/spec/dnsNames/0", value: "a" },
      { op: "add", path: "/spec/dnsNames/-", value: "c" },
      { op: "remove", path: "/spec/commonName" },
    ];
    await stage.ok("patch", "seal", "patched", "--type=json", "-p", JSON.stringify(operations));
    await stage.ok(...merge("seal", "patched", { spec: { lifetime: null, authority: true } }));
    const { spec } = (await stage.json("get", "seal", "patched")) as Manifest & { spec: object };
    expect(spec).toMatchObject({ dnsNames: ["a", "b", "c"], lifetime: "2160h", authority: true });
    expect(spec).not.toHaveProperty("commonName");
  });

  test("apply, by the client and by the server", async () => {
    const apply = async (args: readonly string[], one: object): Promise<string> => {
      const { code, stdout, stderr } = await send(["apply", ...args], one);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout;
    };
    const three = seal("applied", { dnsNames: ["a", "b"], usages: ["signing"] });
    expect(await apply([], three)).toBe(`seal.${group}/applied created\n`);
    expect(await apply([], three)).toBe(`seal.${group}/applied unchanged\n`);
    await stage.ok(...merge("seal", "applied", { spec: { revisionLimit: 5 } }));
    expect(await apply([], seal("applied", { dnsNames: ["b"] }))).toBe(`seal.${group}/applied configured\n`);
    const { spec } = await stage.json("get", "seal", "applied");
    expect(spec).toMatchObject({ dnsNames: ["b"], revisionLimit: 5 });
    expect(spec).not.toHaveProperty("usages");

    const ports = (...port: readonly number[]): object =>
      object("Lookout", "applied", { spec: { ports: port.map((each) => ({ port: each })) } });
    const server = (manager: string): readonly string[] => ["--server-side", `--field-manager=${manager}`];
    await apply(server("one"), ports(80, 443));
    await apply(server("two"), ports(443, 9090));
    await apply(server("one"), ports(80));
    const lookout = await stage.json("get", "lookout", "applied");
    expect(lookout["spec"]).toMatchObject({ ports: [{ port: 80 }, { port: 443, protocol: "TCP" }, { port: 9090 }] });
    // All of it is one value: what defaulting adds would count as a change.
    const issuer = { name: "i", kind: "Issuer", group };
    const names = (...list: readonly string[]): object =>
      object("Seal", "sets", { spec: { secretName: "s", issuer, dnsNames: list } });
    await apply(server("one"), names("a", "b"));
    await apply(server("two"), names("b", "c"));
    await apply(server("one"), names("a"));
    expect((await stage.json("get", "seal", "sets"))["spec"]).toMatchObject({ dnsNames: ["a", "b", "c"] });
    const other = object("Seal", "sets", { spec: { secretName: "s", issuer: { name: "j" } } });
    expect((await send(["apply", ...server("two")], other)).stderr).toContain(
      'Apply failed with 1 conflict: conflict with "one": .spec.issuer',
    );
  });
});
