import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configMaps, parsed, startTrial, type Answer, type Loose, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

let count = 0;
const url = (query: string): string => `${configMaps}?${query}`;
const named = (more: string): string => `{"metadata":{"name":"w${(count += 1)}"}${more}}`;
const messageOf = ({ bytes }: Answer): string => parsed<{ message: string }>(bytes).message;

describe("field validation", () => {
  const faulty = (): string => named(',"dta":{"a":"1"},"data":{"a":"1","a":"2"}');
  const findings = ['duplicate field "data.a"', 'unknown field "dta"'];

  it("warns where nothing else is asked for, once for each finding", async () => {
    for (const query of ["", "fieldValidation=Warn", "fieldValidation="]) {
      const { status, headers, bytes } = await trial.send("POST", url(query), { body: faulty() });
      expect(status).toBe(201);
      expect(headers["warning"]).toEqual(findings.map((text) => `299 - "${text.replaceAll('"', '\\"')}"`));
      expect(parsed<Loose>(bytes)).toMatchObject({ data: { a: "2" } });
    }
  });

  it("refuses all of them together when it is strict", async () => {
    const answer = await trial.send("POST", url("fieldValidation=Strict"), { body: faulty() });
    expect([answer.status, messageOf(answer)]).toEqual([
      400,
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ${findings.join(", ")}`,
    ]);
    expect(answer.headers["warning"]).toBeUndefined();
  });

  it("passes over them when it is told to", async () => {
    const { status, headers } = await trial.send("POST", url("fieldValidation=Ignore"), { body: faulty() });
    expect([status, headers["warning"]]).toEqual([201, undefined]);
  });

  it("sees through YAML, lists and deep objects", async () => {
    const yaml = `metadata:\n  name: w${(count += 1)}\nspec:\n  containers:\n  - name: c\n    image: i\n    imagee: j\n  - name: d\n    image: i\n    name: d\n`;
    const answer = await trial.send("POST", "/api/v1/namespaces/default/pods?fieldValidation=Strict", {
      body: yaml,
      headers: { "content-type": "application/yaml" },
    });
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toContain('key "name" already set in map');
    expect(messageOf(answer)).toContain('unknown field "spec.containers[0].imagee"');
  });

  it("holds for updates and each type of patch", async () => {
    const { metadata } = await trial.ok("POST", url(""), named(""));
    const one = `${configMaps}/${metadata?.name}`;
    const put = await trial.send("PUT", `${one}?fieldValidation=Strict`, { body: { metadata, dta: {} } });
    const type = (name: string): { headers: Record<string, string> } => ({
      headers: { "content-type": `application/${name}+json` },
    });
    const merge = await trial.send("PATCH", `${one}?fieldValidation=Strict`, {
      body: '{"dta":1}',
      ...type("merge-patch"),
    });
    const twice = await trial.send("PATCH", `${one}?fieldValidation=Strict`, {
      body: '{"data":{"a":"1"},"data":{"a":"2"}}',
      ...type("merge-patch"),
    });
    const strategic = await trial.send("PATCH", `${one}?fieldValidation=Strict`, {
      body: '{"dta":1}',
      ...type("strategic-merge-patch"),
    });
    const json = await trial.send("PATCH", `${one}?fieldValidation=Strict`, {
      body: '[{"op":"add","path":"/dta","value":1}]',
      ...type("json-patch"),
    });
    for (const answer of [put, merge, strategic, json]) {
      expect(answer.status).toBe(400);
      expect(messageOf(answer)).toContain('strict decoding error: unknown field "dta"');
    }
    expect([twice.status, messageOf(twice)]).toEqual([400, expect.stringContaining('duplicate field "data"')]);
    const warned = await trial.send("PATCH", one, { body: '{"dta":1}', ...type("merge-patch") });
    expect([warned.status, warned.headers["warning"]]).toEqual([200, ['299 - "unknown field \\"dta\\""']]);
  });

  it("keeps warnings within a header, whatever is in them", async () => {
    const { headers } = await trial.send("POST", url(""), { body: named(',"a\\"b\\\\c\\r\\nd\\u00e9":1') });
    const [warning = ""] = headers["warning"] ?? [];
    expect(warning).toMatch(/^299 - "[\x20-\x7e]*"$/);
  });
});

describe("options of a write", () => {
  it.each([
    ["POST", "dryRun=Some", "CreateOptions", "dryRun"],
    ["POST", "dryRun=", "CreateOptions", "dryRun"],
    ["POST", "dryRun=All&dryRun=Some", "CreateOptions", "dryRun"],
    ["POST", "fieldValidation=Loud", "CreateOptions", "fieldValidation"],
    ["POST", `fieldManager=${"x".repeat(129)}`, "CreateOptions", "fieldManager"],
    ["POST", `fieldManager=${"%C3%A9".repeat(65)}`, "CreateOptions", "fieldManager"],
    ["POST", "fieldManager=a%07b", "CreateOptions", "fieldManager"],
    ["PUT", "dryRun=Some", "UpdateOptions", "dryRun"],
    ["PATCH", "dryRun=Some", "PatchOptions", "dryRun"],
  ] as const)("%s ?%s are refused with 422", async (method, query, kind, field) => {
    const target = method === "POST" ? configMaps : `${configMaps}/x`;
    const status = await trial.refusal(method, `${target}?${query}`, "{}", {
      "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
    });
    expect(status).toMatchObject({
      code: 422,
      reason: "Invalid",
      details: { group: "meta.k8s.io", kind, causes: [{ field }] },
    });
  });

  it("take a field manager of 128 bytes, spaces too", async () => {
    expect((await trial.send("POST", url(`fieldManager=${"x".repeat(128)}`), { body: named("") })).status).toBe(201);
    expect((await trial.send("POST", url("fieldManager=before%20first%20apply"), { body: named("") })).status).toBe(
      201,
    );
  });

  it("that nobody knows are passed over", async () => {
    expect((await trial.send("POST", url("color=blue&timeout=32s"), { body: named("") })).status).toBe(201);
  });
});

describe("pretty", () => {
  it.each([
    ["", {}, false],
    ["pretty=true", {}, true],
    ["pretty=1", {}, true],
    ["pretty=false", { "user-agent": "curl/8.5.0" }, false],
    ["pretty=yes", {}, false],
    ["", { "user-agent": "curl/8.5.0" }, true],
    ["", { "user-agent": "Mozilla/5.0 (X11)" }, true],
    ["", { "user-agent": "kubectl/v1.36.3" }, false],
    ["", { accept: "application/json;pretty=1" }, true],
  ] as const)("?%s %j indents: %s", async (query, headers, isIndented) => {
    for (const target of ["/api/v1/namespaces/default", "/api/v1/namespaces"]) {
      const { bytes } = await trial.send("GET", `${target}?${query}`, { headers });
      expect(bytes.toString().includes('\n  "kind"')).toBe(isIndented);
    }
  });
});
