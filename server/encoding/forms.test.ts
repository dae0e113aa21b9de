import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeProtobuf } from "../../api/schema/protobuf/decode.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { configMap, configMaps, parsed, startTrial, type Loose, type LooseList, type Trial } from "../trial.testing.ts";

const clock = new ManualClock(Date.parse("2026-05-04T03:02:01Z"));
let trial: Trial;
beforeAll(async () => {
  trial = await startTrial({ clock });
  await trial.ok("POST", configMaps, configMap("a", { x: "1", y: "2" }, { on: "yes" }));
  await trial.ok("POST", configMaps, configMap("b"));
  clock.advance(90_000);
});
afterAll(async () => trial[Symbol.asyncDispose]());

const protobuf = "application/vnd.kubernetes.protobuf";
const as = (kind: string, version = "v1", type = "application/json"): { headers: { accept: string } } => ({
  headers: { accept: `${type};as=${kind};v=${version};g=meta.k8s.io` },
});

interface Table {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly columnDefinitions: readonly {
    readonly name: string;
    readonly type: string;
    readonly format: string;
    readonly priority: number;
  }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: Loose | null }[];
}

describe("a table", () => {
  const table = async (url: string, version = "v1"): Promise<Table> =>
    parsed((await trial.send("GET", url, as("Table", version))).bytes);

  it.each(["v1", "v1beta1"])("of a list has columns and a row each, in %s", async (version) => {
    const { kind, apiVersion, metadata, columnDefinitions, rows } = await table(configMaps, version);
    expect([kind, apiVersion, metadata.resourceVersion]).toEqual([
      "Table",
      `meta.k8s.io/${version}`,
      String(await trial.revision()),
    ]);
    expect(columnDefinitions.map(({ name, type, format, priority }) => [name, type, format, priority])).toEqual([
      ["Name", "string", "name", 0],
      ["Data", "string", "", 0],
      ["Age", "string", "", 0],
    ]);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ["a", 2, "90s"],
      ["b", 0, "90s"],
    ]);
    expect(rows[0]?.object).toMatchObject({
      kind: "PartialObjectMetadata",
      apiVersion: `meta.k8s.io/${version}`,
      metadata: { name: "a", namespace: "default", labels: { on: "yes" } },
    });
    expect(rows[0]?.object).not.toHaveProperty("data");
  });

  it("has with each row what was asked for", async () => {
    expect((await table(`${configMaps}?includeObject=None`)).rows.map(({ object }) => object)).toEqual([null, null]);
    expect((await table(`${configMaps}?includeObject=Object`)).rows[0]?.object).toEqual(
      await trial.ok("GET", `${configMaps}/a`),
    );
  });

  it("may be of one object, of a page, of what a write has left, or empty", async () => {
    const one = await table(`${configMaps}/a`);
    expect([one.metadata.resourceVersion, one.rows.length]).toEqual([
      (await trial.ok("GET", `${configMaps}/a`)).metadata?.resourceVersion,
      1,
    ]);
    const page = await table(`${configMaps}?limit=1`);
    expect([page.rows.length, page.metadata.remainingItemCount, typeof page.metadata.continue]).toEqual([
      1,
      1,
      "string",
    ]);
    const made = parsed<Table>(
      (await trial.send("POST", `${configMaps}?dryRun=All`, { body: configMap("c"), ...as("Table") })).bytes,
    );
    expect(made.rows.map(({ cells }) => cells)).toEqual([["c", 0, "0s"]]);
    expect((await table(`${configMaps}?labelSelector=none`)).rows).toEqual([]);
  });

  it("has wide columns and a default for kinds without any of their own", async () => {
    const pods = await table("/api/v1/namespaces/default/pods");
    expect(pods.columnDefinitions.map(({ name, priority }) => `${name} ${priority}`)).toEqual(
      expect.arrayContaining(["Name 0", "Ready 0", "Status 0", "Restarts 0", "Age 0", "IP 1", "Node 1"]),
    );
    const limits = await table("/api/v1/namespaces/default/limitranges");
    expect(limits.columnDefinitions.map(({ name }) => name)).toEqual(["Name", "Created At"]);
  });

  it("of events looks the same in both groups", async () => {
    await trial.ok("POST", "/api/v1/namespaces/default/events", {
      metadata: { name: "e" },
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
      reason: "R",
      message: "m",
    });
    const [core, own] = await Promise.all([
      table("/api/v1/namespaces/default/events"),
      table("/apis/events.k8s.io/v1/namespaces/default/events?includeObject=Object"),
    ]);
    expect(own.columnDefinitions).toEqual(core.columnDefinitions);
    expect(own.rows.map(({ cells }) => cells)).toEqual(core.rows.map(({ cells }) => cells));
    expect(own.rows[0]?.object).toMatchObject({ apiVersion: "events.k8s.io/v1", regarding: { name: "p" } });
  });
});

describe("metadata only", () => {
  it.each(["v1", "v1beta1"])("of one object and of a list, in %s", async (version) => {
    const one = parsed<Loose>((await trial.send("GET", `${configMaps}/a`, as("PartialObjectMetadata", version))).bytes);
    const whole = await trial.ok("GET", `${configMaps}/a`);
    expect(one).toEqual({
      kind: "PartialObjectMetadata",
      apiVersion: `meta.k8s.io/${version}`,
      metadata: whole.metadata,
    });
    const list = parsed<LooseList>(
      (await trial.send("GET", configMaps, as("PartialObjectMetadataList", version))).bytes,
    );
    expect(list).toMatchObject({
      kind: "PartialObjectMetadataList",
      apiVersion: `meta.k8s.io/${version}`,
      metadata: { resourceVersion: String(await trial.revision()) },
    });
    expect(list.items[0]).toEqual(one);
  });

  it("as protobuf says the same", async () => {
    const { headers, bytes } = await trial.send("GET", configMaps, as("PartialObjectMetadataList", "v1", protobuf));
    expect(headers["content-type"]).toBe(protobuf);
    expect(decodeProtobuf(bytes)).toMatchObject({
      kind: "PartialObjectMetadataList",
      apiVersion: "meta.k8s.io/v1",
      items: [{ metadata: { name: "a", labels: { on: "yes" } } }, { metadata: { name: "b" } }],
    });
    const one = await trial.send("GET", `${configMaps}/a`, as("PartialObjectMetadata", "v1", protobuf));
    expect(decodeProtobuf(one.bytes)).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "a" } });
  });

  it("pages like the whole list", async () => {
    const first = parsed<{ metadata: Table["metadata"] }>(
      (await trial.send("GET", `${configMaps}?limit=1`, as("PartialObjectMetadataList"))).bytes,
    );
    expect(first.metadata.remainingItemCount).toBe(1);
    const rest = parsed<LooseList>(
      (await trial.send("GET", `${configMaps}?continue=${first.metadata.continue}`, as("PartialObjectMetadataList")))
        .bytes,
    );
    expect(rest.items.map(({ metadata }) => metadata?.name)).toEqual(["b"]);
  });
});

describe("protobuf", () => {
  it("lists say the same as JSON", async () => {
    const { bytes } = await trial.send("GET", `${configMaps}?limit=1`, { headers: { accept: protobuf } });
    const json = await trial.list(`${configMaps}?limit=1`);
    expect(decodeProtobuf(bytes)).toMatchObject({
      kind: "ConfigMapList",
      apiVersion: "v1",
      metadata: {
        remainingItemCount: 1,
        continue: json.metadata && "continue" in json.metadata ? json.metadata.continue : "",
      },
      items: json.items,
    });
  });

  it("is what a client gets that prefers it, and JSON one that does not", async () => {
    for (const [accept, type] of [
      [`${protobuf},application/json`, protobuf],
      [`application/json,${protobuf}`, "application/json"],
      [`application/json;q=0.5,${protobuf};q=0.9`, protobuf],
      [
        `${protobuf};as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io,application/json`,
        "application/json",
      ],
      ["*/*", "application/json"],
      ["application/*", "application/json"],
      ["text/html, */*;q=0.1", "application/json"],
      ["", "application/json"],
    ] as const)
      expect([
        accept,
        (await trial.send("GET", `${configMaps}/a`, { headers: { accept } })).headers["content-type"],
      ]).toEqual([accept, type]);
  });

  it("refusals are Status messages", async () => {
    const { status, bytes } = await trial.send("GET", `${configMaps}/none`, { headers: { accept: protobuf } });
    expect([status, decodeProtobuf(bytes)]).toMatchObject([404, { kind: "Status", reason: "NotFound", code: 404 }]);
  });
});
