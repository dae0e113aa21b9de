import { describe, expect, it } from "vitest";
import type { Target } from "../pipeline/stages.ts";
import { redactorOf, withoutToken } from "./redact.ts";

const target = (group: string, resource: string, subresource = ""): Target => ({
  ...{ type: "resource", verb: "get", group, version: "v1", resource, subresource },
  ...{ tail: "", namespace: "default", name: "a" },
});
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
const secret = {
  kind: "Secret",
  metadata: { name: "a", annotations: { [lastApplied]: '{"data":{"p":"c2VzYW1l"}}', other: "x" } },
  data: { p: "c2VzYW1l" },
  stringData: { q: "sesame" },
  type: "Opaque",
};
const shown = {
  kind: "Secret",
  metadata: { name: "a", annotations: { [lastApplied]: "REDACTED", other: "x" } },
  data: { p: "REDACTED" },
  stringData: { q: "REDACTED" },
  type: "Opaque",
};

describe("of Secrets", () => {
  const redact = redactorOf(target("", "secrets")) ?? ((value) => value);

  it.each<[string, unknown, unknown]>([
    ["an object", secret, shown],
    ["a list", { kind: "SecretList", items: [secret] }, { kind: "SecretList", items: [shown] }],
    ["a table", { rows: [{ cells: ["a"], object: secret }] }, { rows: [{ cells: ["a"], object: shown }] }],
    [
      "a merge patch",
      { data: { p: "x", q: null }, stringData: null },
      { data: { p: "REDACTED", q: null }, stringData: null },
    ],
    [
      "a JSON patch",
      [
        { op: "add", path: "/data/p", value: "x" },
        { op: "remove", path: "/data/q" },
      ],
      [
        { op: "add", path: "/data/p", value: "REDACTED" },
        { op: "remove", path: "/data/q" },
      ],
    ],
    ["nonsense", { data: "c2VzYW1l", metadata: 1 }, { data: "REDACTED", metadata: 1 }],
    [
      "members with odd names",
      JSON.parse('{"data":{"__proto__":"x"}}'),
      JSON.parse('{"data":{"__proto__":"REDACTED"}}'),
    ],
  ])("%s shows no value", (_what, value, expected) => {
    const before = JSON.stringify(value);
    expect(JSON.stringify(redact(value))).toBe(JSON.stringify(expected));
    expect(JSON.stringify(value)).toBe(before);
  });
});

it("shows no token", () => {
  const review = redactorOf(target("authentication.k8s.io", "tokenreviews")) ?? ((value) => value);
  expect(review({ spec: { token: "t", audiences: ["a"] }, status: { authenticated: true } })).toEqual({
    spec: { token: "REDACTED", audiences: ["a"] },
    status: { authenticated: true },
  });
  const request = redactorOf(target("", "serviceaccounts", "token")) ?? ((value) => value);
  expect(request({ spec: {}, status: { token: "t" } })).toEqual({ spec: {}, status: { token: "REDACTED" } });
  expect(withoutToken("/api?watch=1&access_token=abc.def&x=1")).toBe("/api?watch=1&access_token=REDACTED&x=1");
});

it("leaves everything else as it is", () => {
  for (const one of [target("", "configmaps"), target("example.com", "secrets"), target("", "serviceaccounts")])
    expect(redactorOf(one)).toBeUndefined();
});
