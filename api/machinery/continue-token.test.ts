import { describe, expect, it } from "vitest";
import { decodeContinue, encodeContinue } from "./continue-token.ts";

const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("continue tokens", () => {
  it("survive their text", () => {
    for (const place of [
      { start: "default/web\u0000", revision: 12 },
      { start: "a", revision: -1 },
      { start: "ä/ö", revision: 9007199254740991 },
    ]) {
      expect(decodeContinue(encodeContinue(place))).toEqual(place);
      expect(encodeContinue(place)).toMatch(/^[A-Za-z0-9_-]+$/);
    }
  });

  it("have upstream's form", () => {
    expect(decodeContinue(token({ v: "meta.k8s.io/v1", rv: 5, start: "default/a" }))).toEqual({
      start: "default/a",
      revision: 5,
    });
  });

  it.each([
    ["not base64!", "illegal base64 data at input byte 3"],
    ["", "invalid character"],
    [token("x"), 'server does not recognize this encoded version ""'],
    [
      token({ v: "meta.k8s.io/v2", rv: 1, start: "a" }),
      'server does not recognize this encoded version "meta.k8s.io/v2"',
    ],
    [token({ v: "meta.k8s.io/v1", start: "a" }), "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"],
    [
      token({ v: "meta.k8s.io/v1", rv: 0, start: "a" }),
      "incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
    ],
    [token({ v: "meta.k8s.io/v1", rv: 1.5, start: "a" }), "incorrect encoded start resourceVersion"],
    [token({ v: "meta.k8s.io/v1", rv: 1 }), "encoded start key empty (version meta.k8s.io/v1)"],
    [token({ v: "meta.k8s.io/v1", rv: 1, start: "a/../../secrets" }), "a/../../secrets"],
    [token({ v: "meta.k8s.io/v1", rv: 1, start: "a//b" }), "a//b"],
  ])("are refused: %s", (text, why) => {
    expect(() => decodeContinue(text)).toThrow(`invalid continue token: continue key is not valid: ${why}`);
    expect(() => decodeContinue(text)).toThrow(expect.objectContaining({ code: 400 }));
  });
});
