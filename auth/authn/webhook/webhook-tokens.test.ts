import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../api/machinery/object.ts";
import { silentLogger } from "../../../base/log.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { webhookTokens } from "./webhook-tokens.ts";

const kind = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview" };
const good: JsonObject = { ...kind, status: { authenticated: true, user: { username: "jane" } } };
const jane = { name: "jane", groups: [] };

function open(answer: (review: JsonObject) => JsonObject, version: "v1" | "v1beta1" = "v1") {
  const clock = new ManualClock(0);
  const asked: JsonObject[] = [];
  const identify = webhookTokens({
    async ask(review) {
      asked.push(review);
      await Promise.resolve();
      return answer(review);
    },
    version,
    cacheMs: 120_000,
    clock,
    audiences: ["https://here"],
    log: silentLogger,
  });
  const ask = async (token: string, audiences: readonly string[] = ["https://here"]): Promise<unknown> => {
    try {
      return await identify(token, audiences);
    } catch (thrown) {
      return String(thrown);
    }
  };
  return { clock, asked, ask };
}

describe("a token webhook", () => {
  it.each(["v1", "v1beta1"] as const)("is asked by %s", async (version) => {
    const apiVersion = `authentication.k8s.io/${version}`;
    const { ask, asked } = open(
      () => ({
        ...kind,
        apiVersion,
        status: {
          authenticated: true,
          user: { username: "jane", uid: "u-1", groups: ["dev"], extra: { "a.b/c": ["x"] } },
          audiences: ["https://here", "https://there"],
        },
      }),
      version,
    );
    expect(await ask("t", ["https://here", "https://other"])).toEqual({
      user: { name: "jane", uid: "u-1", groups: ["dev"], extra: { "a.b/c": ["x"] } },
      audiences: ["https://here"],
    });
    expect(asked).toEqual([
      {
        ...kind,
        apiVersion,
        metadata: {},
        spec: { token: "t", audiences: ["https://here", "https://other"] },
        status: { user: {} },
      },
    ]);
  });

  const wrongType = "TokenError: the webhook answered a TokenReview with a field of another type";
  const noReview = "TokenError: the webhook answered no TokenReview of authentication.k8s.io/v1";
  it.each<[JsonObject, unknown]>([
    [good, { user: jane, audiences: ["https://here"] }],
    [{ ...kind, status: { authenticated: true, audiences: ["https://there"], user: { username: "jane" } } }, undefined],
    [{ ...kind, status: {} }, undefined],
    [kind, undefined],
    [{ ...kind, status: { authenticated: "true" } }, undefined],
    [{ ...kind, status: { authenticated: false, error: "no such token" } }, "TokenError: no such token"],
    [{ ...kind, status: { authenticated: true, user: { username: 1 } } }, wrongType],
    [{ ...kind, status: { authenticated: true, user: { groups: "dev" } } }, wrongType],
    [{ ...good, kind: "Status" }, noReview],
    [{ ...good, apiVersion: "authentication.k8s.io/v1beta1" }, noReview],
    [{}, noReview],
  ])("that answers %j", async (answer, expected) => {
    expect(await open(() => answer).ask("t")).toEqual(expected);
  });

  it("that does not know audiences knows this server's", async () => {
    const { ask } = open(() => good);
    expect(await ask("t", ["https://there"])).toBeUndefined();
    expect(await ask("t", [])).toEqual({ user: jane, audiences: [] });
  });

  it("is believed for a while, but for failures", async () => {
    let fails = true;
    const { ask, asked, clock } = open(({ spec }) => {
      if (fails) throw new Error("connection refused");
      return JSON.stringify(spec).includes("good") ? good : kind;
    });
    expect(await ask("good")).toBe("TokenError: connection refused");
    fails = false;
    for (let time = 0; time < 2; time += 1) {
      expect(await ask("good")).toMatchObject({ user: jane });
      expect(await ask("bad")).toBeUndefined();
    }
    expect(asked).toHaveLength(3);
    clock.advance(120_000);
    await ask("good");
    expect(asked).toHaveLength(4);
  });
});
