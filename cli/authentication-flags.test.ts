import { Command } from "commander";
import { expect, it } from "vitest";
import { addAuthenticationFlags, authenticationChoices } from "./authentication-flags.ts";

it.each<[readonly string[], object]>([
  [[], {}],
  [["--anonymous-auth=false"], { anonymousAuth: false }],
  [["--anonymous-auth"], { anonymousAuth: true }],
  [
    ["--client-ca-file=ca", "--token-auth-file=t", "--authentication-config", "c"],
    { clientCaFile: "ca", tokenAuthFile: "t", configFile: "c" },
  ],
  [
    ["--oidc-issuer-url=https://x", "--oidc-client-id=w", "--oidc-required-claim=a=b,c", "--oidc-required-claim=d=e"],
    { oidc: { issuerUrl: "https://x", clientId: "w", requiredClaims: ["a=b,c", "d=e"] } },
  ],
  [["--oidc-signing-algs=RS256,ES256"], { oidc: { signingAlgs: ["RS256", "ES256"] } }],
  [
    ["--requestheader-allowed-names=a,b", "--requestheader-group-headers=X-Team"],
    { requestHeader: { allowedNames: ["a", "b"], groupHeaders: ["X-Team"] } },
  ],
  [
    ["--authentication-token-webhook-config-file=w", "--authentication-token-webhook-cache-ttl=30s"],
    { webhook: { configFile: "w", cacheTtl: 30_000 } },
  ],
])("%j", (args, chosen) => {
  const command = new Command();
  addAuthenticationFlags(command);
  command.parse([...args], { from: "user" });
  expect(authenticationChoices(command.opts())).toEqual({ requestHeader: {}, oidc: {}, webhook: {}, ...chosen });
});
