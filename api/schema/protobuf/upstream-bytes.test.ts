import { describe, expect, test } from "vitest";
import { parseJson, stringifyJson } from "../../machinery/json.ts";
import type { JsonObject } from "../../machinery/object.ts";
import { decodeProtobuf } from "./decode.ts";
import { encodeProtobuf } from "./encode.ts";
import fixtures from "./upstream-bytes.json" with { type: "json" };

/** Objects as k8s.io/api v0.36.0 encoded them, with the JSON that Go prints for what it decodes from those bytes. */
describe.each(fixtures)("$json", ({ json, protobuf }) => {
  test("decodes to the JSON that Go prints, in its order", () => {
    const decoded = decodeProtobuf(Buffer.from(protobuf, "hex"));
    expect(stringifyJson(decoded)).toBe(json);
  });

  test("encodes to Go's bytes", () => {
    const object = parseJson(Buffer.from(json), { duplicates: false }).value as JsonObject;
    expect(Buffer.from(encodeProtobuf(object)).toString("hex")).toBe(protobuf);
  });
});
