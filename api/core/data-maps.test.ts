import { describe, expect, test } from "vitest";
import type { ConfigMap, Secret } from "../generated/types/core-v1.ts";
import { cellsOf, created, findingsOf, updated } from "../row.testing.ts";
import { configMaps } from "./config-maps.ts";
import { secrets } from "./secrets.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("config maps", () => {
  test("show how many keys of either kind they have", () => {
    expect(
      cellsOf(configMaps, { metadata: { name: "c" }, data: { a: "1" }, binaryData: { b: "AA==" } } as ConfigMap),
    ).toMatchObject({ Data: 2 });
  });

  test("odd keys are data", () => {
    const odd: ConfigMap = { metadata: { name: "c" }, data: JSON.parse('{"__proto__":"x","constructor":"y"}') };
    expect(findingsOf(configMaps, odd)).toEqual([]);
  });

  test.each<[string, ConfigMap, RegExp]>([
    [
      "a key that is no file name",
      { data: { "a/b": "" } },
      /^data\[a\/b\]: Invalid value: "a\/b": a valid config key must consist of/,
    ],
    ["a key in both", { data: { a: "" }, binaryData: { a: "" } }, /duplicate of key present in binaryData/],
    ["too much", { data: { a: "x".repeat(1_048_577) } }, /Too long: may not be more than 1048576 bytes/],
  ])("may not have %s", (_name, given, expected) => {
    expect(findingsOf(configMaps, given).join()).toMatch(expected);
  });

  test("that are immutable stay as they are", () => {
    const old: ConfigMap = { immutable: true, data: { a: "1" } };
    expect(findingsOf(configMaps, { data: { a: "2" } } as ConfigMap, old)).toEqual([
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
    ]);
    expect(findingsOf(configMaps, old, old)).toEqual([]);
  });
});

describe("secrets", () => {
  test("take texts and keep them as base64, over what was there", () => {
    const given: Secret = {
      type: "Opaque",
      data: { a: base64("old"), b: base64("kept") },
      stringData: { a: "nëw", c: "" },
    };
    const expected = { type: "Opaque", data: { a: base64("nëw"), b: base64("kept"), c: "" } };
    expect(created(secrets, given)).toEqual(expected);
    expect(updated(secrets, given, { type: "Opaque" })).toEqual(expected);
  });

  test("keep the type that they were made with", () => {
    expect(findingsOf(secrets, { type: "example.com/b" } as Secret, { type: "example.com/a" } as Secret)).toEqual([
      'type: Invalid value: "example.com/b": field is immutable',
    ]);
  });

  test.each<[string, Secret, readonly string[]]>([
    ["tls", { type: "kubernetes.io/tls", data: { "tls.crt": "" } }, ["data[tls.key]: Required value"]],
    [
      "basic-auth",
      { type: "kubernetes.io/basic-auth" },
      ["data[username]: Required value", "data[password]: Required value"],
    ],
    [
      "a token",
      { type: "kubernetes.io/service-account-token" },
      ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
    ],
    [
      "a registry's credentials",
      { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64("{") } },
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be valid JSON'],
    ],
    ["good credentials", { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64("{}") } }, []],
  ])("for %s need their keys", (_name, given, expected) => {
    expect(findingsOf(secrets, given)).toEqual(expected);
  });
});
