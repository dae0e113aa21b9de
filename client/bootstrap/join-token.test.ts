import { describe, expect, it } from "vitest";
import { formatJoinToken, parseJoinToken } from "./join-token.ts";

const pin = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

describe("a join token", () => {
  it("is a bootstrap token with a pin behind it", () => {
    const token = { token: { id: "abcdef", secret: "0123456789abcdef" }, pin };
    expect(formatJoinToken(token)).toBe(`abcdef.0123456789abcdef.${pin}`);
    expect(parseJoinToken(formatJoinToken(token))).toEqual(token);
  });

  it("without a pin is refused: nobody joins whoever answers", () => {
    expect(() => parseJoinToken("abcdef.0123456789abcdef")).toThrow("says nothing of whom to trust");
  });

  it.each([
    "",
    "abcdef",
    "abcdef.0123456789abcdef.",
    `abcdef.0123456789abcdef.${pin}x`,
    `ABCDEF.0123456789abcdef.${pin}`,
    `${pin}`,
  ])("is not %j", (text) => {
    expect(() => parseJoinToken(text)).toThrow("this is no join token");
  });
});
