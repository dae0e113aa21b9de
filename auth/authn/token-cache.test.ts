import { describe, expect, it } from "vitest";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { cachedTokens, type TokenCacheOptions } from "./token-cache.ts";
import { type TokenIdentity, TokenError } from "./token-authenticator.ts";

const jane: TokenIdentity = { user: { name: "jane", groups: [] }, audiences: ["here"] };

interface Asked {
  readonly clock: ManualClock;
  readonly asked: string[];
  ask(token: string, ...audiences: string[]): Promise<TokenIdentity | string | undefined>;
}

function cached(options: Partial<TokenCacheOptions> = {}): Asked {
  const clock = new ManualClock(1000);
  const asked: string[] = [];
  const identify = cachedTokens(
    async (token, audiences) => {
      asked.push([token, ...audiences].join(" "));
      await Promise.resolve();
      if (token === "bad") throw new TokenError("no");
      if (token === "bug") throw new TypeError("a bug");
      if (token === "short") return { ...jane, expiresAt: 3000 };
      return token === "unknown" ? undefined : jane;
    },
    { clock, successMs: 10_000, failureMs: 5000, keepErrors: true, ...options },
  );
  return {
    clock,
    asked,
    ask: async (token, ...audiences) => {
      try {
        return await identify(token, audiences);
      } catch (thrown) {
        return String(thrown);
      }
    },
  };
}

describe("remembered answers", () => {
  it.each([
    { token: "good", answer: jane, ms: 10_000 },
    { token: "unknown", answer: undefined, ms: 5000 },
    { token: "bad", answer: "TokenError: no", ms: 5000 },
    { token: "short", answer: { ...jane, expiresAt: 3000 }, ms: 2000 },
  ])("about a token that is $token count for $ms ms", async ({ token, answer, ms }) => {
    const { clock, asked, ask } = cached();
    for (let time = 0; time < 3; time += 1) expect(await ask(token)).toEqual(answer);
    clock.advance(ms - 1);
    expect(await ask(token)).toEqual(answer);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    expect(await ask(token)).toEqual(answer);
    expect(asked).toHaveLength(2);
  });

  it("are for the same audiences alone", async () => {
    const { asked, ask } = cached();
    for (const audiences of [["a", "b"], ["ab"], ["a"], [], ["a", "b"]]) await ask("good", ...audiences);
    expect(asked).toEqual(["good a b", "good ab", "good a", "good"]);
  });

  it("are asked for once by all who wait", async () => {
    const { asked, ask } = cached();
    expect(await Promise.all(["good", "good", "bad", "bad"].map((token) => ask(token)))).toEqual([
      jane,
      jane,
      "TokenError: no",
      "TokenError: no",
    ]);
    expect(asked).toEqual(["good", "bad"]);
  });

  it("are no faults of ours, and no refusals where that is so", async () => {
    const { asked, ask } = cached({ keepErrors: false });
    for (const token of ["bug", "bug", "bad", "bad"]) await ask(token);
    expect(asked).toHaveLength(4);
  });

  it("are so many", async () => {
    const { asked, ask } = cached({ entries: 2 });
    for (const token of ["1", "2", "3", "3", "2", "1"]) await ask(token);
    expect(asked).toEqual(["1", "2", "3", "1"]);
  });
});
