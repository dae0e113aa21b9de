import { expect, it } from "vitest";
import { certified } from "../../auth/authn/certificates/certificates.testing.ts";
import { judged, requestWith } from "../../auth/authn/request.testing.ts";
import type { TokenAuthenticator } from "../../auth/authn/token-authenticator.ts";
import type { AuthenticationOptions } from "./authentication-options.ts";
import { createAuthenticators } from "./create-authenticators.ts";

const jane: TokenAuthenticator = (token) =>
  token === "good" ? { user: { name: "jane", groups: [] }, audiences: [] } : undefined;

/** What each of the authenticators says, in their order. */
function said(
  options: AuthenticationOptions,
  headers: Readonly<Record<string, string>> = {},
  url = "/api",
): Promise<readonly unknown[]> {
  const authenticators = createAuthenticators({ options, audiences: ["here"], identifyToken: jane });
  return Promise.all(authenticators.map((ask) => judged(ask, requestWith(headers, { url }))));
}

const nobody = { name: "system:anonymous", groups: ["system:unauthenticated"] };

it.each<[AuthenticationOptions, string, unknown]>([
  [{}, "/api", [undefined, nobody]],
  [{ anonymous: { enabled: true, conditions: [] } }, "/api", [undefined, nobody]],
  [{ anonymous: { enabled: true, conditions: [{ path: "/livez" }] } }, "/livez", [undefined, nobody]],
  [{ anonymous: { enabled: true, conditions: [{ path: "/livez" }] } }, "/api", [undefined, undefined]],
  [{ anonymous: { enabled: false, conditions: [] } }, "/livez", [undefined]],
])("nobody is let in by %j at %s", async (options, url, expected) => {
  expect(await said(options, {}, url)).toEqual(expected);
});

it("a token is known, or refused, before nobody is asked for", async () => {
  expect((await said({}, { authorization: "Bearer good" }))[0]).toEqual({
    name: "jane",
    groups: ["system:authenticated"],
  });
  expect((await said({}, { authorization: "Bearer bad" }))[0]).toBe("AuthenticationError: invalid bearer token");
});

it("connections without TLS have no certificate to show", async () => {
  const { certPem } = certified({ isAuthority: true });
  expect(await said({ clientAuthorities: () => certPem }, { "x-remote-user": "root" })).toEqual([undefined, nobody]);
});
