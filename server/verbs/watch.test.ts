import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeProtobuf } from "../../api/schema/protobuf/decode.ts";
import type { Json } from "../../api/machinery/object.ts";
import { configMap, configMaps, settled, startTrial, type Event, type Trial, type Watching } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const told = (events: readonly Event[]): readonly string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata?.name}`);
const revisionOf = ({ object }: Event): number => Number(object.metadata?.resourceVersion);
const merge = { "content-type": "application/merge-patch+json" };
let count = 0;

/** A namespace of the test's own, whose watches see nobody else's objects. */
async function place(): Promise<{
  url: string;
  create(name: string, labels?: Record<string, string>): Promise<number>;
  patch(name: string, change: object): Promise<number>;
  remove(name: string): Promise<void>;
}> {
  const namespace = `watch-${(count += 1)}`;
  await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  const url = `/api/v1/namespaces/${namespace}/configmaps`;
  return {
    url,
    create: async (name, labels = {}) =>
      Number((await trial.ok("POST", url, configMap(name, {}, labels))).metadata?.resourceVersion),
    patch: async (name, change) =>
      Number((await trial.ok("PATCH", `${url}/${name}`, change, merge)).metadata?.resourceVersion),
    remove: async (name) => void (await trial.ok("DELETE", `${url}/${name}`)),
  };
}

describe("where a watch begins", () => {
  it("without a resourceVersion, or with 0: with what there is, then what changes", async () => {
    const { url, create, patch } = await place();
    const first = await create("a");
    for (const query of ["", "&resourceVersion=0", "&resourceVersion="]) {
      const watch = await trial.watch(`${url}?watch=true${query}`);
      const [initial] = await watch.next(1);
      expect(initial).toMatchObject({
        type: "ADDED",
        object: { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" } },
      });
      if (query === "") expect(initial && revisionOf(initial)).toBe(first);
      await patch("a", { data: { query: `${query}x` } });
      expect(told(await watch.next(1))).toEqual(["MODIFIED a"]);
    }
  });

  it("at a revision: with what came after it, out of history", async () => {
    const { url, create, patch, remove } = await place();
    const first = await create("a");
    const second = await patch("a", { data: { x: "1" } });
    await remove("a");
    const third = await create("a");
    const watch = await trial.watch(`${url}?watch=1&resourceVersion=${first}`);
    const events = await watch.next(3);
    expect(told(events)).toEqual(["MODIFIED a", "DELETED a", "ADDED a"]);
    expect(events.map(revisionOf)).toEqual([second, second + 1, third]);
    expect(events[1]?.object).toMatchObject({ data: { x: "1" } });
    expect(told(await (await trial.watch(`${url}?watch=1&resourceVersion=${second}`)).next(2))).toEqual([
      "DELETED a",
      "ADDED a",
    ]);
  });

  it("at a revision that was compacted away: with an ERROR event 410, and then it ends", async () => {
    await using before = await startTrial();
    const from = await before.revision();
    await before.ok("POST", configMaps, configMap("a"));
    await before.ok("POST", configMaps, configMap("b"));
    await before.store.compact(await before.revision());
    await using old = await startTrial({ store: before.store });
    const watch = await old.watch(`${configMaps}?watch=1&resourceVersion=${from}`);
    expect(await watch.rest()).toEqual([
      {
        type: "ERROR",
        object: {
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          message: `too old resource version: ${from} (${await old.revision()})`,
          reason: "Expired",
          code: 410,
        },
      },
    ]);
  });

  it.each([
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=NOW",
  ])("with %s: with what there is, a bookmark that says so, then what changes", async (query) => {
    const { url, create } = await place();
    await create("b");
    const now = await create("a");
    const watch = await trial.watch(`${url}?watch=1&allowWatchBookmarks=true&${query.replace("NOW", String(now))}`);
    await create("c");
    const events = await watch.next(4);
    expect(told(events)).toEqual(["ADDED a", "ADDED b", "BOOKMARK undefined", "ADDED c"]);
    expect(events[2]?.object).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { resourceVersion: String(now), annotations: { "k8s.io/initial-events-end": "true" } },
    });
  });

  it("with sendInitialEvents of nothing: with the bookmark at once", async () => {
    const { url } = await place();
    const watch = await trial.watch(
      `${url}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );
    expect(told(await watch.next(1))).toEqual(["BOOKMARK undefined"]);
  });

  it("with sendInitialEvents=false: with nothing that was there before", async () => {
    const { url, create } = await place();
    await create("a");
    const watch = await trial.watch(`${url}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    await create("b");
    expect(told(await watch.next(1))).toEqual(["ADDED b"]);
  });

  it("with sendInitialEvents at a revision that does not come: it is refused with 504", async () => {
    const refusal = trial.refusal(
      "GET",
      `${configMaps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=1000000`,
    );
    await settled();
    trial.timers.advance(3000);
    expect(await refusal).toMatchObject({ code: 504, details: { causes: [{ reason: "ResourceVersionTooLarge" }] } });
  });

  it.each([
    ["sendInitialEvents=true", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"],
    [
      "sendInitialEvents=true&resourceVersionMatch=Exact",
      'Unsupported value: "Exact": supported values: "NotOlderThan"',
    ],
    [
      "resourceVersionMatch=NotOlderThan&resourceVersion=1",
      "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    ],
  ])("with %s: it is refused with 422", async (query, message) => {
    const status = await trial.refusal("GET", `${configMaps}?watch=1&${query}`);
    expect([status.code, status.reason]).toEqual([422, "Invalid"]);
    expect(status.message).toContain(message);
  });
});

describe("what a watch selects", () => {
  it("comes and goes with the labels: ADDED and DELETED, each with the revision of the change", async () => {
    const { url, create, patch, remove } = await place();
    const watch = await trial.watch(`${url}?watch=1&labelSelector=on%3Dyes&resourceVersion=${await create("a")}`);
    const enters = await patch("a", { metadata: { labels: { on: "yes" } }, data: { x: "1" } });
    const changes = await patch("a", { data: { x: "2" } });
    const leaves = await patch("a", { metadata: { labels: { on: "no" } }, data: { x: "3" } });
    await patch("a", { data: { x: "4" } });
    await remove("a");
    await create("b", { on: "yes" });
    const events = await watch.next(4);
    expect(told(events)).toEqual(["ADDED a", "MODIFIED a", "DELETED a", "ADDED b"]);
    expect(events.slice(0, 3).map(revisionOf)).toEqual([enters, changes, leaves]);
    // The state that the watcher knew, as upstream has it.
    expect(events[2]?.object).toMatchObject({ data: { x: "2" }, metadata: { labels: { on: "yes" } } });
  });

  it("may be one name, by field selector or by the deprecated path", async () => {
    const { url, create } = await place();
    const byField = await trial.watch(`${url}?watch=1&fieldSelector=metadata.name%3Db`);
    const byPath = await trial.watch(`${url.replace("/api/v1/", "/api/v1/watch/")}/b`);
    await create("a");
    await create("b");
    expect(told(await byField.next(1))).toEqual(["ADDED b"]);
    expect(told(await byPath.next(1))).toEqual(["ADDED b"]);
  });

  it("may be all of a namespace or of the cluster by the deprecated paths", async () => {
    const { url, create } = await place();
    const all = await trial.watch(`/api/v1/watch/configmaps?resourceVersion=${await trial.revision()}`);
    const own = await trial.watch(url.replace("/api/v1/", "/api/v1/watch/"));
    await create("a");
    expect(told(await own.next(1))).toEqual(["ADDED a"]);
    expect(told(await all.next(1))).toEqual(["ADDED a"]);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const)
      expect((await trial.refusal(method, `${url.replace("/api/v1/", "/api/v1/watch/")}/a`, {})).code).toBe(405);
  });

  it("may be the pods of a node, as they are bound", async () => {
    const { url } = await place();
    const pods = url.replace("configmaps", "pods");
    const watch = await trial.watch(`${pods}?watch=1&fieldSelector=spec.nodeName%3Dn1`);
    const unbound = await trial.watch(`${pods}?watch=1&fieldSelector=spec.nodeName%3D`);
    const pod = (name: string, nodeName?: string): object => ({
      metadata: { name },
      spec: { nodeName, containers: [{ name: "c", image: "i" }] },
    });
    await trial.ok("POST", pods, pod("a", "n1"));
    await trial.ok("POST", pods, pod("b"));
    await trial.ok("POST", pods, pod("c", "n2"));
    await trial.ok("PATCH", `${pods}/a/status`, { status: { phase: "Running" } }, merge);
    expect(told(await watch.next(2))).toEqual(["ADDED a", "MODIFIED a"]);
    expect(told(await unbound.next(1))).toEqual(["ADDED b"]);
  });
});

describe("the end of a watch", () => {
  const ends = async (watch: Watching): Promise<boolean> => {
    await settled();
    watch.source.take(1_000_000);
    return watch.source.ended;
  };

  it("comes after timeoutSeconds, with a last bookmark for those who take them", async () => {
    const { url, create } = await place();
    const from = await trial.revision();
    const watch = await trial.watch(`${url}?watch=1&allowWatchBookmarks=true&timeoutSeconds=5&resourceVersion=${from}`);
    const silent = await trial.watch(`${url}?watch=1&timeoutSeconds=5&resourceVersion=${from}`);
    await create("a");
    const { metadata } = await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: `${url.split("/")[4]}-x` } });
    trial.timers.advance(5000);
    const events = await watch.rest();
    expect(told(events)).toEqual(["ADDED a", "BOOKMARK undefined"]);
    expect(events[1]?.object.metadata).toEqual({ resourceVersion: metadata?.resourceVersion });
    expect(told(await silent.rest())).toEqual(["ADDED a"]);
  });

  it("comes by itself after half an hour to an hour", async () => {
    const { url } = await place();
    for (const query of ["", "&timeoutSeconds=0", "&timeoutSeconds=9007199254740991"]) {
      const watch = await trial.watch(`${url}?watch=1&resourceVersion=0${query}`);
      trial.timers.advance(1_799_000);
      expect(await ends(watch)).toBe(false);
      trial.timers.advance(1_801_000);
      expect(await ends(watch)).toBe(!query.includes("9007"));
      watch.source.close();
    }
  });

  it("comes when the client is gone, which leaves nothing behind", async () => {
    const { url, create } = await place();
    const client = new AbortController();
    const watch = await trial.watch(`${url}?watch=1`, { signal: client.signal });
    client.abort();
    await create("a");
    expect(await ends(watch)).toBe(true);
    expect(await ends(await trial.watch(`${url}?watch=1`, { signal: AbortSignal.abort() }))).toBe(true);
  });

  it("comes for all of them, a thousand too, when the server stops, without a warning of leaks", async () => {
    await using stopping = await startTrial();
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warn);
    const watches = await Promise.all(Array.from({ length: 1000 }, () => stopping.watch(`${configMaps}?watch=1`)));
    for (const watch of watches) expect(watch.source.take(1)).toBeUndefined();
    await stopping.close();
    expect(watches.every(({ source }) => source.ended)).toBe(true);
    await settled();
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("does not come with the end of another", async () => {
    const { url, create } = await place();
    const [one, other] = [await trial.watch(`${url}?watch=1`), await trial.watch(`${url}?watch=1`)];
    one.source.close();
    await create("a");
    expect(told(await other.next(1))).toEqual(["ADDED a"]);
  });
});

describe("bookmarks", () => {
  it("tell every minute how far the watch has seen everything", async () => {
    const { url } = await place();
    const watch = await trial.watch(
      `${url}?watch=1&allowWatchBookmarks=true&resourceVersion=${await trial.revision()}`,
    );
    const without = await trial.watch(`${url}?watch=1&resourceVersion=${await trial.revision()}`);
    await trial.ok("POST", configMaps, configMap(`bookmark-${count}`));
    trial.timers.advance(60_000);
    const [bookmark] = await watch.next(1);
    expect(bookmark).toEqual({
      type: "BOOKMARK",
      object: { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: String(await trial.revision()) } },
    });
    trial.timers.advance(60_000);
    expect(await watch.next(1)).toHaveLength(1);
    expect(without.source.take(1)).toBeUndefined();
  });
});

describe("the form of a watch", () => {
  const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

  it("as a table tells the columns in its first event only", async () => {
    const { url, create } = await place();
    await create("a");
    const watch = await trial.watch(`${url}?watch=1`, { headers: table });
    await create("b");
    const events = await watch.next(2);
    const tables = events.map(({ object }) => object) as unknown as {
      kind: string;
      columnDefinitions: { name: string }[] | null;
      rows: { cells: unknown[]; object: object }[];
    }[];
    expect(tables.map(({ kind }) => kind)).toEqual(["Table", "Table"]);
    expect(tables[0]?.columnDefinitions?.map(({ name }) => name)).toEqual(["Name", "Data", "Age"]);
    expect(tables[1]?.columnDefinitions).toBeNull();
    expect(tables[1]?.rows).toMatchObject([
      {
        cells: ["b", 0, expect.any(String) as string],
        object: { kind: "PartialObjectMetadata", metadata: { name: "b" } },
      },
    ]);
  });

  it("as protobuf is frames with their length in front", async () => {
    const { url, create } = await place();
    await create("a");
    const watch = await trial.watch(`${url}?watch=1`, {
      headers: { accept: "application/vnd.kubernetes.protobuf;stream=watch,application/vnd.kubernetes.protobuf" },
    });
    expect(watch.contentType).toBe("application/vnd.kubernetes.protobuf;stream=watch");
    await create("b");
    const bytes = await watch.read();
    const frames: Json[] = [];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
      frames.push(decodeWatchEvent(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))));
    expect(frames).toMatchObject([
      { type: "ADDED", object: { kind: "ConfigMap", metadata: { name: "a" } } },
      { type: "ADDED", object: { kind: "ConfigMap", metadata: { name: "b" } } },
    ]);
  });

  it("as metadata only has nothing else", async () => {
    const { url, create } = await place();
    await create("a");
    const watch = await trial.watch(`${url}?watch=1&allowWatchBookmarks=true`, {
      headers: { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" },
    });
    const [event] = await watch.next(1);
    expect(Object.keys(event?.object ?? {})).toEqual(["kind", "apiVersion", "metadata"]);
    expect(event?.object).toMatchObject({
      kind: "PartialObjectMetadata",
      apiVersion: "meta.k8s.io/v1",
      metadata: { name: "a" },
    });
    trial.timers.advance(60_000);
    expect(await watch.next(1)).toMatchObject([{ type: "BOOKMARK", object: { kind: "PartialObjectMetadata" } }]);
  });

  it("is one event a line, however pretty it is asked for", async () => {
    const { url, create } = await place();
    await create("a");
    const watch = await trial.watch(`${url}?watch=1&pretty=1`, { headers: { "user-agent": "curl/8.0" } });
    expect((await watch.read()).toString().trimEnd().split("\n")).toHaveLength(1);
  });

  it("has no YAML", async () => {
    const { status, bytes } = await trial.send("GET", `${configMaps}?watch=1`, {
      headers: { accept: "application/yaml" },
    });
    expect(status).toBe(406);
    expect(bytes.toString()).toContain(
      "only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
    );
  });

  it("gives every form its own frames of the same event", async () => {
    const { url, create } = await place();
    const plain = await trial.watch(`${url}?watch=1`);
    const rows = await trial.watch(`${url}?watch=1`, { headers: table });
    const object = await trial.watch(`${url}?watch=1&includeObject=Object`, { headers: table });
    await create("a");
    expect((await plain.next(1))[0]?.object.kind).toBe("ConfigMap");
    expect(await rows.next(1)).toMatchObject([
      { object: { kind: "Table", rows: [{ object: { kind: "PartialObjectMetadata" } }] } },
    ]);
    expect(await object.next(1)).toMatchObject([
      { object: { kind: "Table", rows: [{ object: { kind: "ConfigMap" } }] } },
    ]);
  });
});

/** meta/v1 WatchEvent: type = 1, object = 2 (RawExtension: raw = 1). */
function decodeWatchEvent(bytes: Buffer): { type: string; object: Json } {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = 0;
    let shift = 0;
    do length |= ((bytes[++at] ?? 0) & 0x7f) << (7 * shift++);
    while ((bytes[at] ?? 0) > 0x7f);
    at += 1;
    fields.set(tag >> 3, bytes.subarray(at, at + length));
    at += length;
  }
  const raw = fields.get(2) ?? Buffer.alloc(0);
  const start = raw.indexOf("k8s\0");
  return { type: fields.get(1)?.toString() ?? "", object: decodeProtobuf(raw.subarray(start)) };
}
