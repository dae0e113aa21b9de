import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseJson } from "../api/machinery/json.ts";
import { encodeProtobuf } from "../api/schema/protobuf/encode.ts";
import { silentLogger } from "../base/log.ts";
import { configMap, configMaps, parsed, startTrial, type Loose, type Method, type Trial } from "./trial.testing.ts";

const failures: unknown[] = [];
let trial: Trial;
beforeAll(async () => {
  trial = await startTrial({ log: { ...silentLogger, error: (...said) => void failures.push(said) } });
});
// Whatever came in: nothing of it was our own failure, and the server goes on serving.
afterEach(async () => {
  expect(failures.splice(0)).toEqual([]);
  expect((await trial.list("/api/v1/namespaces")).items.length).toBeGreaterThan(0);
});
afterAll(async () => trial[Symbol.asyncDispose]());

const yaml = { "content-type": "application/yaml" };
const protobuf = { "content-type": "application/vnd.kubernetes.protobuf" };
const merge = { "content-type": "application/merge-patch+json" };
const pods = "/api/v1/namespaces/default/pods";
const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h", "i"].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`).join("\n")}\n`;
const good = Buffer.from(encodeProtobuf({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "pb" } }));

describe("a body", () => {
  it.each<[string, string | Uint8Array, Record<string, string>, number]>([
    ["that is empty", "", {}, 400],
    ["of white space", "  \n", {}, 400],
    ["that is cut off", '{"metadata":{"name":"x"', {}, 400],
    ["with something behind it", '{"metadata":{"name":"x"}} x', {}, 400],
    ["that is a list", "[]", {}, 400],
    ["that is a text", '"x"', {}, 400],
    ["that is null", "null", {}, 400],
    ["that is no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), {}, 400],
    ["with a wrong type", '{"metadata":5}', {}, 400],
    ["with wrong types deep inside", '{"metadata":{"name":"x","labels":{"a":["b"]}}}', {}, 400],
    ["with a list as kind", '{"kind":[],"metadata":{"name":"x"}}', {}, 400],
    ["nested 10,000 deep", `{"metadata":{"name":"x"},"data":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`, {}, 400],
    ["of lists nested 100,000 deep", "[".repeat(100_000), {}, 400],
    ["of YAML that is none", "a: [", yaml, 400],
    ["of YAML with a tab for indentation", "a:\n\t- b", yaml, 400],
    ["of several YAML documents", "a: 1\n---\nb: 2\n", yaml, 400],
    ["of YAML nested 10,000 deep", `a: ${"[".repeat(10_000)}${"]".repeat(10_000)}`, yaml, 400],
    ["of YAML that explodes", bomb, yaml, 400],
    ["of YAML that refers to itself", "a: &a\n  b: *a\n", yaml, 400],
    ["of YAML with a tag of its own", "metadata: !!js/function 'function(){}'", yaml, 400],
    ["of protobuf without its mark", Buffer.from("nothing"), protobuf, 400],
    ["of protobuf with nothing behind the mark", Buffer.from("k8s\0"), protobuf, 400],
    ["of protobuf that is cut off", good.subarray(0, good.length - 3), protobuf, 400],
    [
      "of protobuf with lengths beyond its end",
      Buffer.concat([Buffer.from("k8s\0"), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])]),
      protobuf,
      400,
    ],
    [
      "of protobuf groups without an end",
      Buffer.concat([Buffer.from("k8s\0"), Buffer.alloc(50_000, 0x0b)]),
      protobuf,
      400,
    ],
    [
      "of protobuf of a kind that nobody knows",
      Buffer.concat([
        Buffer.from("k8s\0"),
        Buffer.from([0x0a, 0x09, 0x0a, 0x02]),
        Buffer.from("v9"),
        Buffer.from([0x12, 0x03]),
        Buffer.from("Foo"),
      ]),
      protobuf,
      400,
    ],
    ["of a type that nobody knows", "x", { "content-type": "text/plain" }, 415],
    ["of a type that is a property of every object", "{}", { "content-type": "constructor" }, 415],
    ["of CBOR", "x", { "content-type": "application/cbor" }, 415],
    ["of more than 3 MiB", Buffer.alloc(3 * 1024 * 1024 + 1, 0x20), {}, 413],
    ["of more than 3 MiB of YAML", Buffer.alloc(3 * 1024 * 1024 + 1, 0x20), yaml, 413],
  ])("%s is refused", async (_, body, headers, code) => {
    const status = await trial.refusal("POST", configMaps, body, headers);
    expect(status).toMatchObject({
      kind: "Status",
      code,
      reason: { 400: "BadRequest", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType" }[code],
    });
  });

  it("of protobuf that is cut off anywhere, or has a byte turned, fails no worse than others", async () => {
    for (const at of good.keys()) {
      const turned = Buffer.from(good);
      turned[at] = (turned[at] ?? 0) ^ 0x55;
      for (const body of [good.subarray(0, at), turned]) {
        const { status } = await trial.send("POST", `${configMaps}?dryRun=All`, { body, headers: protobuf });
        expect([201, 400, 422]).toContain(status);
      }
    }
  });

  it("just below 3 MiB is read, and refused for what is in it", async () => {
    const status = await trial.refusal("POST", configMaps, configMap("big", { a: "x".repeat(3 * 1024 * 1024 - 200) }));
    expect(status.code).toBe(422);
    expect(status.message).toContain("Too long");
  });

  it("that breaks off is nobody's failure", async () => {
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"metadata"');
      gone.abort();
      throw new Error("the client is gone");
    };
    const gone = new AbortController();
    await trial.transport({
      method: "POST",
      url: configMaps,
      headers: {},
      body: body(),
      signal: gone.signal,
      peer: { address: "", user: { name: "x", groups: ["system:masters"] } },
    });
  });

  it("in pieces is cut at 3 MiB, however many are still to come", async () => {
    let sent = 0;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 65_536;
        yield Buffer.alloc(65_536, 0x20);
      }
    };
    const { status } = await trial.transport({
      method: "POST",
      url: configMaps,
      headers: {},
      body: body(),
      signal: new AbortController().signal,
      peer: { address: "", user: { name: "x", groups: ["system:masters"] } },
    });
    expect(status).toBe(413);
    expect(sent).toBeLessThan(4 * 1024 * 1024);
  });
});

describe("what looks like behaviour but is data", () => {
  const keys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"];
  const data = `{${keys.map((key) => `"${key}":"v-${key}"`).join(",")}}`;
  const expected = JSON.parse(data) as object;
  const same = (object: unknown): void => {
    expect(JSON.stringify(Object.entries(object as object).toSorted())).toBe(
      JSON.stringify(Object.entries(expected).toSorted()),
    );
    expect(({} as Record<string, unknown>)["v-__proto__"]).toBeUndefined();
  };

  it("comes back unharmed as ConfigMap keys, in every form, and through every way of writing", async () => {
    await trial.ok("POST", configMaps, `{"metadata":{"name":"odd"},"data":${data}}`);
    const url = `${configMaps}/odd`;
    const get = async (accept: string): Promise<Buffer> =>
      (await trial.send("GET", url, { headers: { accept } })).bytes;
    same((await trial.ok("GET", url))["data"]);
    for (const type of ["application/yaml", "application/vnd.kubernetes.protobuf"]) {
      await trial.ok("PATCH", url, { data: { extra: "1" } }, merge);
      await trial.ok("PUT", `${url}?dryRun=All`, await get(type), { "content-type": type });
      await trial.ok("PATCH", url, { data: { extra: null } }, merge);
      same((await trial.ok("PUT", url, await get(type), { "content-type": type }))["data"]);
    }
    await trial.ok("PATCH", url, '{"data":{"__proto__":null}}', merge);
    await trial.ok("PATCH", url, '{"data":{"__proto__":"v-__proto__","constructor":"v-constructor"}}', {
      "content-type": "application/strategic-merge-patch+json",
    });
    same((await trial.ok("GET", url))["data"]);
    await trial.ok(
      "PATCH",
      url,
      '[{"op":"remove","path":"/data/__proto__"},{"op":"add","path":"/data/__proto__","value":"v-__proto__"}]',
      { "content-type": "application/json-patch+json" },
    );
    same((await trial.ok("GET", url))["data"]);
    same((await trial.list(`${configMaps}?fieldSelector=metadata.name%3Dodd`)).items[0]?.["data"]);
  });

  it("is an unknown field where nobody declares it", async () => {
    for (const key of keys) {
      const status = await trial.refusal(
        "POST",
        `${configMaps}?fieldValidation=Strict`,
        `{"metadata":{"name":"x"},"${key}":{"a":1}}`,
      );
      expect(status.message).toContain(`unknown field "${key}"`);
    }
  });

  it("may be labels and annotations", async () => {
    const text =
      '{"metadata":{"name":"odd-labels","labels":{"constructor":"a","toString":"b"},"annotations":{"constructor":"__proto__"}}}';
    expect((await trial.ok("POST", configMaps, text)).metadata).toMatchObject({
      annotations: { constructor: "__proto__" },
    });
    expect((await trial.list(`${configMaps}?labelSelector=constructor%3Da,toString%3Db`)).items).toHaveLength(1);
    expect((await trial.list(`${configMaps}?labelSelector=!constructor,valueOf`)).items).toHaveLength(0);
    expect((await trial.list(`${configMaps}?labelSelector=valueOf`)).items).toHaveLength(0);
  });

  it("in paths and queries is nothing that is there", async () => {
    for (const name of keys) {
      expect((await trial.refusal("GET", `${configMaps}/${name}`)).code).toBe(404);
      expect((await trial.refusal("GET", `/api/v1/namespaces/default/${name}`)).code).toBe(404);
      expect((await trial.refusal("GET", `/apis/${name}/v1/${name}`)).code).toBe(404);
      expect((await trial.refusal("GET", `${configMaps}/odd/${name}`)).code).toBe(404);
      expect((await trial.refusal("GET", `${configMaps}?fieldSelector=${name}%3Dx`)).code).toBe(400);
      expect((await trial.send("GET", `${configMaps}?${name}=x`)).status).toBe(200);
      expect((await trial.send("GET", configMaps, { headers: { accept: name } })).status).toBe(406);
    }
  });
});

describe("whole numbers beyond 2^53", () => {
  const revisions = "/apis/apps/v1/namespaces/default/controllerrevisions";
  const big = "9007199254740993";

  it("stay what they are, in every form", async () => {
    const text = `{"metadata":{"name":"big"},"revision":${big},"data":{"n":${big}}}`;
    const made = await trial.send("POST", revisions, { body: text });
    expect(made.bytes.toString()).toContain(`"data":{"n":${big}},"revision":${big}`);
    const url = `${revisions}/big`;
    const revision = await trial.revision();
    for (const [type, expected] of [
      ["application/json", `"n":${big}`],
      ["application/yaml", `n: ${big}`],
      ["application/vnd.kubernetes.protobuf", `{"n":${big}}`],
    ] as const) {
      const { bytes } = await trial.send("GET", url, { headers: { accept: type } });
      expect(bytes.toString()).toContain(expected);
      expect((await trial.send("PUT", url, { body: bytes, headers: { "content-type": type } })).status).toBe(200);
      const list = await trial.send("GET", revisions, { headers: { accept: type } });
      expect(list.bytes.toString()).toContain(expected);
    }
    expect(await trial.revision()).toBe(revision);
    const patched = await trial.send("PATCH", url, { body: '{"revision":9007199254740995}', headers: merge });
    expect(patched.bytes.toString()).toContain(`"data":{"n":${big}},"revision":9007199254740995`);
    const watch = await trial.watch(`${revisions}?watch=1`);
    expect((await watch.read()).toString()).toContain(`"n":${big}`);
    const pretty = await trial.send("GET", `${url}?pretty=1`);
    expect(parseJson(pretty.bytes, { duplicates: false }).value).toMatchObject({
      revision: 9007199254740995n,
      data: { n: BigInt(big) },
    });
    expect(
      (
        await trial.send("GET", revisions, { headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } })
      ).bytes.toString(),
    ).toContain("9007199254740995");
  });

  it("beyond 64 bits are refused where a number is meant", async () => {
    expect(
      (await trial.refusal("POST", revisions, '{"metadata":{"name":"huge"},"revision":99999999999999999999}')).code,
    ).toBe(400);
    expect(
      (await trial.refusal("POST", pods, '{"metadata":{"name":"x"},"spec":{"priority":2147483648,"containers":[]}}'))
        .code,
    ).toBe(400);
  });
});

describe("a path or a query", () => {
  it.each<[Method, string, number]>([
    ["GET", "/nothing", 404],
    ["GET", "/api/v2/pods", 404],
    ["GET", "/apis/nothing.example/v1/things", 404],
    ["GET", "/api/v1/nothings", 404],
    ["GET", "/api/v1//pods", 404],
    ["GET", "//api/v1/pods", 404],
    ["GET", `${configMaps}/a%2Fb`, 404],
    ["GET", `${configMaps}/..%2F..%2Fsecrets`, 404],
    ["GET", `${configMaps}/..`, 404],
    ["GET", `${configMaps}/%00`, 404],
    ["GET", `${configMaps}/%0A%0D`, 404],
    ["GET", `${configMaps}/%ff`, 400],
    ["GET", `${configMaps}/%`, 400],
    ["GET", `${configMaps}/${"x".repeat(5000)}`, 404],
    ["GET", "/api/v1/namespaces/default%2Fconfigmaps/configmaps/x", 404],
    ["GET", "/api/v1/namespaces/%2E%2E/configmaps/x", 404],
    ["GET", "/api/v1/namespaces/default/nodes", 404],
    ["GET", "/api/v1/nodes/x/y/z", 404],
    ["PUT", configMaps, 405],
    ["PATCH", configMaps, 405],
    ["POST", `${configMaps}/x`, 405],
    ["OPTIONS", configMaps, 405],
    ["GET", `${configMaps}?limit=1e3`, 400],
    ["GET", `${configMaps}?limit=99999999999999999999`, 400],
    ["GET", `${configMaps}?resourceVersion=0x10`, 400],
    ["GET", `${configMaps}?resourceVersion=99999999999999999999999`, 400],
    ["GET", `${configMaps}?timeoutSeconds=soon`, 400],
    ["GET", `${configMaps}?labelSelector=${"a,".repeat(200)}%00`, 400],
    ["GET", `${configMaps}?labelSelector=${"(".repeat(5000)}`, 400],
    ["GET", `${configMaps}?fieldSelector=${"%5C".repeat(999)}`, 400],
    [
      "GET",
      `${configMaps}?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../../secrets/x"}').toString("base64url")}`,
      400,
    ],
    ["GET", `${configMaps}?continue=${"A".repeat(5000)}`, 400],
    ["DELETE", `${configMaps}/x?gracePeriodSeconds=NaN`, 400],
  ])("%s %s is answered with a Status of %d", async (method, url, code) => {
    const answer = await trial.send(method, url);
    expect(answer.status).toBe(code);
    expect(JSON.parse(answer.bytes.toString())).toMatchObject({ kind: "Status", status: "Failure", code });
  });

  it("may hold a name of any characters where the kind's rule lets it", async () => {
    const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    const names = ["system:odd", "Größe 1", 'q"u\\o', "\u{1f600}", "a?b#c&d=e", "~\u007f"];
    for (const name of names) {
      await trial.ok("POST", roles, { metadata: { name } });
      expect((await trial.ok("GET", `${roles}/${encodeURIComponent(name)}`)).metadata?.name).toBe(name);
      await trial.ok("PATCH", `${roles}/${encodeURIComponent(name)}`, { metadata: { labels: { odd: "yes" } } }, merge);
    }
    const all = (await trial.list(`${roles}?labelSelector=odd&limit=2`)) as Loose & {
      items: readonly Loose[];
      metadata: { continue?: string };
    };
    const rest = await trial.list(`${roles}?labelSelector=odd&continue=${all.metadata.continue}`);
    expect([...all.items, ...rest.items].map(({ metadata }) => metadata?.name).toSorted()).toEqual(names.toSorted());
    for (const name of ["a/b", "..", ".", "a%b"])
      expect((await trial.refusal("POST", roles, { metadata: { name } })).code).toBe(422);
    for (const name of names) await trial.ok("DELETE", `${roles}/${encodeURIComponent(name)}`);
  });
});

describe("a refusal", () => {
  it.each<[string, Record<string, string>]>([
    [`${configMaps}/none?pretty=true`, {}],
    [`${configMaps}/none`, { "user-agent": "curl/8.5.0" }],
    [`${configMaps}/none?pretty=1&pretty=[//%zz`, {}],
  ])("is indented for people: %s", async (url, headers) => {
    const { status, bytes } = await trial.send("GET", url, { headers });
    expect([status, bytes.toString()]).toEqual([404, `${JSON.stringify(parsed<object>(bytes), undefined, 2)}\n`]);
  });
});

describe("an Accept header", () => {
  it.each([
    "image/png",
    "nonsense",
    ";;;,,,",
    "application/json;q=0",
    "application/json;as=Table",
    "application/json;as=Table;v=v9;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
    "application/json;stream=watch",
  ])("%s is refused with 406, in JSON", async (accept) => {
    const answer = await trial.send("GET", configMaps, { headers: { accept } });
    expect([answer.status, answer.headers["content-type"]]).toEqual([406, "application/json"]);
    expect(JSON.parse(answer.bytes.toString())).toMatchObject({ reason: "NotAcceptable" });
  });
});
