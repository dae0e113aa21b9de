import { expect, it } from "vitest";
import { withoutCredentials } from "./without-credentials.ts";

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

it.each([
  [`Authorization: Bearer ${jwt}`, "Authorization: Bearer REDACTED"],
  ["authorization=bearer abcdef.0123456789abcdef", "authorization=bearer REDACTED"],
  ["Basic dXNlcjpwYXNzd29yZA==", "Basic REDACTED"],
  ["GET /api?access_token=abc&watch=1", "GET /api?access_token=REDACTED&watch=1"],
  [`a token (${jwt}) was refused`, "a token (REDACTED) was refused"],
  [
    "base64url.bearer.authorization.k8s.io.YWJj, v4.channel.k8s.io",
    "base64url.bearer.authorization.k8s.io.REDACTED, v4.channel.k8s.io",
  ],
  ["-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----", "REDACTED"],
])("%s", (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

it("leaves other words alone", () => {
  const text = "the bearer of a basic token: eyJ is how they begin, see /api/v1/namespaces?watch=1";
  expect(withoutCredentials(text)).toBe(text);
});
