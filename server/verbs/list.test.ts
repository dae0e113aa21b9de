import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeContinue, encodeContinue } from "../../api/machinery/continue-token.ts";
import { configMap, configMaps, parsed, settled, startTrial, type LooseList, type Trial } from "../trial.testing.ts";

let trial: Trial;
/** The revision at which there were a, b, c, d and e; since then b is gone, c changed and f came. */
let then = 0;

beforeAll(async () => {
  trial = await startTrial();
  for (const name of ["a", "b", "c", "d", "e"])
    await trial.ok("POST", configMaps, configMap(name, {}, { parity: "aceg".includes(name) ? "odd" : "even" }));
  then = await trial.revision();
  await trial.ok("DELETE", `${configMaps}/b`);
  await trial.ok(
    "PATCH",
    `${configMaps}/c`,
    { data: { now: "new" } },
    { "content-type": "application/merge-patch+json" },
  );
  await trial.ok("POST", configMaps, configMap("f"));
});
afterAll(async () => trial[Symbol.asyncDispose]());

const names = ({ items }: LooseList): string => items.map(({ metadata }) => metadata?.name).join("");
const metaOf = ({
  metadata,
}: LooseList): { resourceVersion?: string; continue?: string; remainingItemCount?: number } => metadata ?? {};

describe("a list", () => {
  it.each([
    ["", "acdef", "now"],
    ["resourceVersion=0", "acdef", "now"],
    ["resourceVersion=THEN", "acdef", "now"],
    ["resourceVersion=0&resourceVersionMatch=NotOlderThan", "acdef", "now"],
    ["resourceVersion=THEN&resourceVersionMatch=NotOlderThan", "acdef", "now"],
    ["resourceVersion=THEN&resourceVersionMatch=NotOlderThan&limit=2", "ac", "now"],
    ["resourceVersion=THEN&resourceVersionMatch=Exact", "abcde", "then"],
    ["resourceVersion=THEN&resourceVersionMatch=Exact&limit=2", "ab", "then"],
    ["resourceVersion=THEN&limit=2", "ab", "then"],
    ["limit=2", "ac", "now"],
    ["limit=0", "acdef", "now"],
    ["limit=-1", "acdef", "now"],
    ["limit=100", "acdef", "now"],
    ["resourceVersion=0&limit=2", "acdef", "now"],
  ])("?%s sees %s", async (query, expected, when) => {
    const list = await trial.list(`${configMaps}?${query.replace("THEN", String(then))}`);
    expect(names(list)).toBe(expected);
    expect(Number(metaOf(list).resourceVersion)).toBe(when === "then" ? then : await trial.revision());
  });

  it.each([
    [
      "resourceVersionMatch=Exact",
      422,
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      "resourceVersionMatch=NotOlderThan",
      422,
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      "resourceVersion=0&resourceVersionMatch=Exact",
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      "resourceVersion=1&resourceVersionMatch=x",
      422,
      'resourceVersionMatch: Unsupported value: "x": supported values: "Exact", "NotOlderThan", ""',
    ],
    ["sendInitialEvents=true", 422, "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
    [
      "resourceVersion=1&resourceVersionMatch=NotOlderThan&continue=TOKEN",
      422,
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
    ],
    ["resourceVersion=5&continue=TOKEN", 400, "specifying resource version is not allowed when using continue"],
    ["continue=%25%25", 400, "invalid continue token"],
    ["continue=e30", 400, "invalid continue token"],
    ["resourceVersion=x", 400, 'strconv.ParseUint: parsing "x": invalid syntax'],
    ["resourceVersion=-1", 400, "resourceVersion"],
    ["resourceVersion=1.5", 400, "resourceVersion"],
    ["limit=many", 400, 'strconv.ParseInt: parsing "many": invalid syntax'],
    ["labelSelector=a%20in%20b", 400, "unable to parse requirement"],
    ["fieldSelector=spec.nodeName%3Dx", 400, "spec.nodeName"],
    ["fieldSelector=metadata.name", 400, "invalid selector"],
  ])("?%s is refused with %d", async (query, code, message) => {
    const token = encodeContinue({ start: "default/a", revision: then });
    const status = await trial.refusal("GET", `${configMaps}?${query.replace("TOKEN", token)}`);
    expect([status.code, status.reason]).toEqual([code, code === 400 ? "BadRequest" : "Invalid"]);
    expect(status.message).toContain(message);
  });

  it.each([
    ["labelSelector=parity", "acde"],
    ["labelSelector=parity%3Dodd", "ace"],
    ["labelSelector=parity%21%3Dodd", "df"],
    ["labelSelector=!parity", "f"],
    ["labelSelector=parity%20notin%20(odd)", "df"],
    ["labelSelector=parity%3D", ""],
    ["fieldSelector=metadata.name%3Dc", "c"],
    ["fieldSelector=metadata.name%21%3Dc", "adef"],
    ["fieldSelector=metadata.name%3D%3Dc,metadata.namespace%3Ddefault", "c"],
    ["fieldSelector=metadata.namespace%3D", ""],
    ["fieldSelector=metadata.name%3D", ""],
    ["fieldSelector=", "acdef"],
    ["labelSelector=&fieldSelector=metadata.name%3Da", "a"],
  ])("?%s selects %s", async (query, expected) => {
    expect(names(await trial.list(`${configMaps}?${query}`))).toBe(expected);
    expect(names(await trial.list(`/api/v1/configmaps?${query}`))).toBe(expected);
  });

  it("of nothing has an empty list of items", async () => {
    expect(await trial.list("/api/v1/namespaces/nowhere/secrets")).toEqual({
      kind: "SecretList",
      apiVersion: "v1",
      metadata: { resourceVersion: String(await trial.revision()) },
      items: [],
    });
  });

  it("leaves the type meta of its items out", async () => {
    const { kind, items } = await trial.list(configMaps);
    expect(kind).toBe("ConfigMapList");
    expect(items.every((item) => !("kind" in item) && !("apiVersion" in item))).toBe(true);
  });

  it("waits for a revision that is about to come", async () => {
    const next = (await trial.revision()) + 1;
    const list = trial.list(`${configMaps}?resourceVersion=${next}&resourceVersionMatch=NotOlderThan`);
    await settled();
    await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: "in-between" } });
    expect(Number(metaOf(await list).resourceVersion)).toBe(next);
  });

  it.each(["resourceVersionMatch=NotOlderThan", "resourceVersionMatch=Exact", "", "limit=1"])(
    "at a revision that does not come is refused with 504 after a while: %s",
    async (query) => {
      const refusal = trial.refusal("GET", `${configMaps}?resourceVersion=1000000&${query}`);
      await settled();
      trial.timers.advance(3000);
      expect(await refusal).toMatchObject({
        code: 504,
        reason: "Timeout",
        message: expect.stringContaining("Too large resource version: 1000000, current: ") as string,
        details: {
          retryAfterSeconds: 1,
          causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        },
      });
    },
  );
});

describe("pages", () => {
  it("are those of one state, while others write", async () => {
    await using busy = await startTrial();
    for (let index = 10; index < 60; index += 1) await busy.ok("POST", configMaps, configMap(`c${index}`));
    const seen: string[] = [];
    let token = "";
    let left: number | undefined;
    for (let page = 0; ; page += 1) {
      const list = await busy.list(`${configMaps}?limit=7${token === "" ? "" : `&continue=${token}`}`);
      const { continue: next = "", remainingItemCount } = metaOf(list);
      if (left !== undefined) expect(left).toBe(list.items.length + (remainingItemCount ?? 0));
      left = remainingItemCount;
      seen.push(...list.items.map(({ metadata }) => metadata?.name ?? ""));
      if (next === "") break;
      token = next;
      await busy.ok("DELETE", `${configMaps}/c${59 - page}`);
      await busy.ok("POST", configMaps, configMap(`c${10 + page}x`));
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => `c${10 + index}`));
  });

  it("with a selector have as many items as were asked for, and no count of the rest", async () => {
    const query = "labelSelector=parity%3Dodd&limit=2";
    const first = await trial.list(`${configMaps}?${query}`);
    expect([names(first), metaOf(first).remainingItemCount]).toEqual(["ac", undefined]);
    const second = await trial.list(`${configMaps}?${query}&continue=${metaOf(first).continue}`);
    expect([names(second), metaOf(second).continue]).toEqual(["e", undefined]);
    const exact = await trial.list(`${configMaps}?${query}&resourceVersion=${then}`);
    expect([names(exact), metaOf(exact).remainingItemCount]).toEqual(["ac", undefined]);
    const rest = await trial.list(`${configMaps}?${query}&continue=${metaOf(exact).continue}`);
    expect([names(rest), metaOf(rest).continue]).toEqual(["e", undefined]);
  });

  it("read no more of the store than they must, however few objects are wanted", async () => {
    await using large = await startTrial();
    for (let index = 0; index < 1200; index += 1) await large.ok("POST", configMaps, configMap(`c${index}`));
    let reads = 0;
    const { list } = large.store;
    large.store.list = (...wanted) => {
      reads += 1;
      return list.apply(large.store, wanted);
    };
    const revision = await large.revision();
    await large.list(`${configMaps}?limit=1&labelSelector=none&resourceVersion=${revision}`);
    expect(reads).toBeLessThan(5);
  });

  it("say how many items follow in the namespace only", async () => {
    await using other = await startTrial();
    await other.ok("POST", "/api/v1/namespaces", { metadata: { name: "later" } });
    for (const name of ["a", "b", "c"]) {
      await other.ok("POST", configMaps, configMap(name));
      await other.ok("POST", "/api/v1/namespaces/later/configmaps", configMap(name));
    }
    expect(metaOf(await other.list(`${configMaps}?limit=1`)).remainingItemCount).toBe(2);
    expect(metaOf(await other.list("/api/v1/configmaps?limit=1")).remainingItemCount).toBe(5);
    const token = metaOf(await other.list("/api/v1/configmaps?limit=2")).continue;
    expect(names(await other.list(`/api/v1/configmaps?continue=${token}`))).toBe("cabc");
  });

  it("whose state was compacted away are refused with 410 and a token for the rest as it is now", async () => {
    await using old = await startTrial();
    for (const name of ["a", "b", "c", "d"]) await old.ok("POST", configMaps, configMap(name));
    const { continue: token = "" } = metaOf(await old.list(`${configMaps}?limit=2`));
    await old.ok("DELETE", `${configMaps}/c`);
    await old.ok("POST", configMaps, configMap("e"));
    await old.store.compact(await old.revision());
    const status = await old.refusal("GET", `${configMaps}?limit=2&continue=${token}`);
    expect(status).toMatchObject({ code: 410, reason: "Expired" });
    expect(status.message).toContain("The provided continue parameter is too old to display a consistent list result.");
    const fresh = status.metadata.continue ?? "";
    expect(decodeContinue(fresh)).toMatchObject({ revision: -1 });
    const rest = await old.list(`${configMaps}?limit=1&continue=${fresh}`);
    expect(names(rest)).toBe("d");
    expect(names(await old.list(`${configMaps}?continue=${metaOf(rest).continue}`))).toBe("e");
  });

  it("at an exact revision that was compacted away are refused with 410", async () => {
    await using old = await startTrial();
    const revision = await old.revision();
    for (const name of ["a", "b", "c", "d"]) await old.ok("POST", configMaps, configMap(name));
    await old.store.compact(await old.revision());
    expect(
      await old.refusal("GET", `${configMaps}?resourceVersion=${revision}&resourceVersionMatch=Exact`),
    ).toMatchObject({
      code: 410,
      reason: "Expired",
      message: "The resourceVersion for the provided list is too old.",
    });
  });
});

describe("a get", () => {
  it("is at least as fresh as the revision it names, and 504 if that does not come", async () => {
    const now = await trial.revision();
    expect(await trial.ok("GET", `${configMaps}/c?resourceVersion=${now}`)).toMatchObject({ data: { now: "new" } });
    expect(await trial.ok("GET", `${configMaps}/c?resourceVersion=0`)).toMatchObject({ data: { now: "new" } });
    const refusal = trial.refusal("GET", `${configMaps}/c?resourceVersion=99999999999999999`);
    await settled();
    trial.timers.advance(3000);
    expect((await refusal).code).toBe(504);
  });

  it("of what is not there is refused with its name, kind and group", async () => {
    expect(await trial.refusal("GET", "/apis/apps/v1/namespaces/default/deployments/x")).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'deployments.apps "x" not found',
      reason: "NotFound",
      details: { name: "x", group: "apps", kind: "deployments" },
      code: 404,
    });
  });
});

describe("a big list", () => {
  it("is sent in pieces, whatever its form, and each form says the same", { timeout: 30_000 }, async () => {
    await using large = await startTrial();
    const filler = "x".repeat(2000);
    for (let index = 100; index < 500; index += 1)
      await large.ok("POST", configMaps, configMap(`c${index}`, { filler }));
    const forms = {
      json: "application/json",
      metadata: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
      table: "application/json;as=Table;g=meta.k8s.io;v=v1",
      protobuf: "application/vnd.kubernetes.protobuf",
    };
    for (const [form, accept] of Object.entries(forms)) {
      const answer = await large.send("GET", `${configMaps}${form === "table" ? "?includeObject=Object" : ""}`, {
        headers: { accept },
      });
      if (form !== "metadata") expect(answer.pieces).toBeGreaterThan(3);
      if (form === "protobuf") expect(answer.bytes.subarray(0, 4).toString()).toBe("k8s\0");
      else if (form === "table") expect(parsed<{ rows: unknown[] }>(answer.bytes).rows).toHaveLength(400);
      else expect(parsed<LooseList>(answer.bytes).items).toHaveLength(400);
    }
    const pretty = await large.send("GET", `${configMaps}?pretty=true`);
    const plain = await large.send("GET", configMaps);
    expect(pretty.pieces).toBeGreaterThan(3);
    expect(pretty.bytes.toString()).toBe(`${JSON.stringify(parsed(plain.bytes), undefined, 2)}\n`);
    expect(
      (await large.send("GET", `${configMaps}?fieldSelector=metadata.name%3Dnone&pretty=1`)).bytes.toString(),
    ).toMatch(/"items": \[\]\n\}\n$/);
  });
});
