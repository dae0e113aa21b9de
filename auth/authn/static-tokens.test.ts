import { describe, expect, it } from "vitest";
import { readStaticTokens, staticTokens } from "./static-tokens.ts";

const read = (csv: string): { tokens: unknown; told: string[] } => {
  const told: string[] = [];
  return { tokens: readStaticTokens(csv, (what) => told.push(what)), told };
};

describe("a token file", () => {
  it("has a line for each token", () => {
    const csv = `t1,jane,u1,"dev,ops"\r\nt2,joe,,dev\n\nt3,"Ann ""A"", B",u3\nt4,sam,u4,"",more\nt5,tab,u5,"a\nb"`;
    expect(read(csv)).toEqual({
      told: [],
      tokens: [
        { token: "t1", user: { name: "jane", uid: "u1", groups: ["dev", "ops"] } },
        { token: "t2", user: { name: "joe", groups: ["dev"] } },
        { token: "t3", user: { name: 'Ann "A", B', uid: "u3", groups: [] } },
        { token: "t4", user: { name: "sam", uid: "u4", groups: [""] } },
        { token: "t5", user: { name: "tab", uid: "u5", groups: ["a\nb"] } },
      ],
    });
  });

  it("may have lines that do not count", () => {
    expect(read("t,jane,u1\n,nobody,u\nt,joe,u2\n")).toEqual({
      told: ["empty token, record number 2", "duplicate token, record number 3"],
      tokens: [{ token: "t", user: { name: "joe", uid: "u2", groups: [] } }],
    });
    expect(read("").tokens).toEqual([]);
  });

  it.each([
    ["t", "it must have at least 3 columns (token, user name, user uid), found 1"],
    ["a,b,c\nt,jane", "it must have at least 3 columns (token, user name, user uid), found 2"],
    ['t,ja"ne,u', 'parse error on line 1, column 5: bare " in non-quoted field'],
    ['a,b,c\nt,"jane" x,u', 'parse error on line 2, column 8: extraneous or missing " in quoted-field'],
    ['t,jane,u,"dev', 'parse error on line 1, column 14: extraneous or missing " in quoted-field'],
  ])("is refused: %j", (csv, message) => {
    expect(() => read(csv)).toThrow(message);
  });

  it("names users by their tokens, to this server alone", async () => {
    const user = { name: "jane", groups: [] };
    const identify = staticTokens([{ token: "t", user }], ["here", "too"]);
    expect(await identify("t", ["here"])).toEqual({ user, audiences: ["here"] });
    expect(await identify("t", ["there", "too"])).toEqual({ user, audiences: ["too"] });
    expect(await identify("t", [])).toEqual({ user, audiences: [] });
    expect(await identify("t", ["there"])).toBeUndefined();
    for (const token of ["T", "", "tt", "__proto__"]) expect(await identify(token, ["here"])).toBeUndefined();
  });
});
