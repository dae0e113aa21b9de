import { describe, expect, it } from "vitest";
import { AuthenticationError, type Authenticator } from "../../auth/authn/authenticator.ts";
import type { ApiRequest, UserInfo } from "../../api/wire.ts";
import { silentLogger } from "../../base/log.ts";
import { authenticate } from "./authenticate.ts";
import { describe as described } from "./describe.ts";
import type { Identified } from "./stages.ts";

const jane: UserInfo = { name: "jane", groups: [] };
const knows: Authenticator = () => jane;
const knowsNot: Authenticator = () => Promise.resolve(undefined);
const refuses: Authenticator = () => {
  throw new AuthenticationError("the token has expired");
};

const request = (headers: Readonly<Record<string, string>>, more: Partial<ApiRequest> = {}): ApiRequest => ({
  method: "GET",
  url: "/api/v1/pods?token=x",
  headers,
  signal: new AbortController().signal,
  peer: { address: "" },
  ...more,
});

interface Passed {
  readonly identified: Identified;
  readonly told: readonly unknown[];
}

async function passed(
  authenticators: readonly Authenticator[],
  sent: ApiRequest = request({}),
  isCredential?: (header: string) => boolean,
): Promise<Passed> {
  const told: unknown[] = [];
  const log = { ...silentLogger, info: (...words: unknown[]) => void told.push(words) };
  const parts = { authenticators, log, ...(isCredential === undefined ? {} : { isCredential }) };
  try {
    return { identified: await authenticate(described(sent, "a"), parts), told };
  } catch (thrown) {
    throw Object.assign(thrown as Error, { told });
  }
}

describe("a request", () => {
  it("is its first authenticator's who knows its sender", async () => {
    expect((await passed([knowsNot, knows, refuses])).identified.user).toBe(jane);
  });

  it("of a component in this process brings its user along", async () => {
    const peer = { address: "", user: { name: "system:apiserver", groups: [] } };
    expect((await passed([refuses], request({}, { peer }))).identified.user).toBe(peer.user);
  });

  it.each([
    { authenticators: [], told: [] },
    { authenticators: [knowsNot], told: [] },
    {
      authenticators: [refuses, knows],
      told: [["a request could not be authenticated", { path: "/api/v1/pods", why: "the token has expired" }]],
    },
  ])("is refused when nobody knows its sender, or somebody refuses: $told", async ({ authenticators, told }) => {
    await expect(passed(authenticators)).rejects.toMatchObject({ code: 401, message: "Unauthorized", told });
  });

  it("may be warned", async () => {
    const warns: Authenticator = (_request, warn) => (warn("careful"), jane);
    expect([...(await passed([warns])).identified.warnings]).toEqual(["careful"]);
  });
});

describe("credentials", () => {
  const headers = {
    accept: "a",
    authorization: "Bearer t",
    "x-remote-user": "u",
    "x-remote-extra-a": "b",
    "x-team": "c",
    "sec-websocket-protocol": "base64url.bearer.authorization.k8s.io.dA,v5.channel.k8s.io",
  };

  it("are not passed on", async () => {
    const { identified } = await passed([knows], request(headers), (name) => name === "x-team");
    expect({ ...identified.request.headers }).toEqual({ accept: "a", "sec-websocket-protocol": "v5.channel.k8s.io" });
  });

  it("are all that is taken away", async () => {
    const signal = AbortSignal.abort();
    const headerValues = (): readonly string[] => ["v"];
    const sent = request(headers, {
      method: "POST",
      body: Buffer.from("b"),
      upgrade: "websocket",
      signal,
      headerValues,
    });
    const { identified } = await passed([knows], sent);
    const { headers: _changed, ...others } = sent;
    expect(identified.request).toMatchObject(others);
    expect(identified.request.signal).toBe(signal);
  });

  it("make no other request of one that has none", async () => {
    const sent = request({ accept: "a" });
    expect((await passed([knows], sent)).identified.request).toBe(sent);
  });
});
