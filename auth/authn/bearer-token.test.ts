import { describe, expect, it } from "vitest";
import { anonymous } from "./anonymous.ts";
import { anyOf } from "./any-of.ts";
import { anyToken } from "./any-token.ts";
import { bearerToken } from "./bearer-token.ts";
import { judged, requestWith } from "./request.testing.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";
import { webSocketToken, withoutToken } from "./web-socket-token.ts";

const own = ["https://here"];
const jane = { name: "jane", groups: ["dev"] };
const tokens: TokenAuthenticator = (token) => {
  if (token === "ended") throw new TokenError("token has expired");
  if (token === "elsewhere") return { user: jane, audiences: ["https://there"] };
  return token === "good" ? { user: jane, audiences: own } : undefined;
};
const encoded = (token: string | Uint8Array): string =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;

describe("a bearer token", () => {
  it.each<[string | undefined, unknown]>([
    ["Bearer good", jane],
    ["bearer good", jane],
    ["  BEARER good and more", jane],
    [undefined, undefined],
    ["", undefined],
    ["Bearer", undefined],
    ["Basic amFuZTpwYXNz", undefined],
    ["Bearer  good", undefined],
    ["Bearer unknown", "TokenError: invalid bearer token"],
    ["Bearer ended", "TokenError: token has expired"],
    ["Bearer elsewhere", "TokenError: the token is not for an audience of this server"],
  ])("in %j", async (header, expected) => {
    const headers = header === undefined ? {} : { authorization: header };
    expect(await judged(bearerToken(tokens, own), requestWith(headers))).toEqual(expected);
  });

  it("after two spaces is passed over, and its bearer told", async () => {
    const told: string[] = [];
    await bearerToken(tokens, own)(requestWith({ authorization: "Bearer  good" }), (text) => told.push(text));
    expect(told).toEqual([
      "the provided Authorization header contains extra space before the bearer token, and is ignored",
    ]);
  });
});

describe("a token among the protocols of a WebSocket", () => {
  it.each<[string, string, unknown]>([
    ["one", `${encoded("good")}, v5.channel.k8s.io`, jane],
    ["none", "v5.channel.k8s.io", undefined],
    ["an empty one", `base64url.bearer.authorization.k8s.io.,v4`, undefined],
    ["an unknown one", `v4,${encoded("unknown")}`, "TokenError: invalid bearer token"],
    ["one alone", encoded("good"), "TokenError: missing additional subprotocol"],
    [
      "two",
      `${encoded("good")},${encoded("good")},v4`,
      "TokenError: multiple base64.bearer.authorization tokens specified",
    ],
    [
      "no base64url",
      "base64url.bearer.authorization.k8s.io.a+b=,v4",
      "TokenError: invalid base64.bearer.authorization token encoding",
    ],
    ["no text", `${encoded(Uint8Array.of(0xff))},v4`, "TokenError: invalid base64.bearer.authorization token"],
  ])("%s", async (_what, protocol, expected) => {
    const request = requestWith({ "sec-websocket-protocol": protocol }, { upgrade: "websocket" });
    expect(await judged(webSocketToken(tokens, own), request)).toEqual(expected);
  });

  it("means nothing elsewhere", async () => {
    const request = requestWith({ "sec-websocket-protocol": `${encoded("good")},v4` });
    expect(await judged(webSocketToken(tokens, own), request)).toBeUndefined();
  });

  it("is not agreed on", () => {
    expect(withoutToken(`${encoded("good")}, v5.channel.k8s.io,v4.channel.k8s.io`)).toBe(
      "v5.channel.k8s.io,v4.channel.k8s.io",
    );
    expect(withoutToken(encoded("good"))).toBeUndefined();
  });
});

describe("several authenticators", () => {
  const refuses: TokenAuthenticator = () => {
    throw new TokenError("no account token");
  };
  const broken: TokenAuthenticator = () => {
    throw new TypeError("a bug");
  };
  const request = (token: string): ReturnType<typeof requestWith> => requestWith({ authorization: `Bearer ${token}` });
  const all = (...kinds: readonly TokenAuthenticator[]) => anyOf([bearerToken(anyToken(kinds), own)]);

  it("one that refuses does not keep others from knowing", async () => {
    expect(await judged(all(refuses, tokens), request("good"))).toEqual({
      ...jane,
      groups: ["dev", "system:authenticated"],
    });
  });

  it("all that refuse are heard, once each", async () => {
    expect(await judged(all(refuses, refuses, tokens), request("ended"))).toBe(
      "AuthenticationError: [no account token, token has expired]",
    );
    expect(await judged(all(refuses, tokens), request("unknown"))).toBe("AuthenticationError: no account token");
    expect(await judged(all(tokens), request("unknown"))).toBe("AuthenticationError: invalid bearer token");
  });

  it("a fault of ours is no refusal", async () => {
    expect(await judged(all(broken, tokens), request("good"))).toBe("TypeError: a bug");
  });

  it.each([
    { groups: ["system:authenticated"], expected: ["system:authenticated"] },
    { groups: ["system:unauthenticated"], expected: ["system:unauthenticated"] },
    { groups: [], expected: ["system:authenticated"] },
  ])("who is known is a member: $groups", async ({ groups, expected }) => {
    expect(await judged(anyOf([() => ({ name: "joe", groups })]), requestWith({}))).toEqual({
      name: "joe",
      groups: expected,
    });
  });
});

describe("nobody", () => {
  const nobody = { name: "system:anonymous", groups: ["system:unauthenticated"] };

  it.each([
    { paths: undefined, url: "/api", expected: nobody },
    { paths: [], url: "/api", expected: nobody },
    { paths: ["/livez", "/readyz"], url: "/livez?verbose", expected: nobody },
    { paths: ["/livez"], url: "/livez/ping", expected: undefined },
    { paths: ["/livez"], url: "/LIVEZ", expected: undefined },
    { paths: ["/livez"], url: "/livez/", expected: undefined },
    { paths: ["/livez"], url: "/%6civez", expected: undefined },
  ])("at $url, of $paths", async ({ paths, url, expected }) => {
    expect(await judged(anonymous(paths), requestWith({}, { url }))).toEqual(expected);
  });
});
