import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { PeerCertificate, UserInfo } from "../../api/wire.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { currentAuthorities } from "./certificates/authorities.ts";
import { begin, certified, shown } from "./certificates/certificates.testing.ts";
import { clientCertificate } from "./client-certificate.ts";
import { judged, requestWith } from "./request.testing.ts";

const hourMs = 3_600_000;
const root = certified({ name: "root", isAuthority: true });
const other = certified({ name: "other root", isAuthority: true });
const middle = certified({ name: "middle", isAuthority: true }, root);
const lower = certified({ name: "lower", isAuthority: true }, middle);

function known(
  certificate: PeerCertificate | undefined,
  bundle = root.certPem,
  now = begin + hourMs,
): Promise<UserInfo | string | undefined> {
  const authenticator = clientCertificate(
    currentAuthorities(() => bundle),
    new ManualClock(now),
  );
  return judged(authenticator, requestWith({}, certificate === undefined ? {} : { certificate }));
}

const unknown = expect.stringMatching(
  /^AuthenticationError: verifying certificate SN=\d+ failed: x509: certificate signed by unknown authority$/,
);
const outOfTime = expect.stringContaining("x509: certificate has expired or is not yet valid");

describe("a client certificate", () => {
  it("names user, groups, uid and itself", async () => {
    const certificate = shown(certified({ name: "jane", organizations: ["dev", "ops"], uids: ["u-1"] }, root));
    expect(await known(certificate)).toEqual({
      name: "jane",
      uid: "u-1",
      groups: ["dev", "ops"],
      extra: {
        "authentication.kubernetes.io/credential-id": [
          `X509SHA256=${createHash("sha256").update(certificate.bytes).digest("hex")}`,
        ],
      },
    });
  });

  it.each([
    { what: "none", certificate: undefined, expected: undefined },
    { what: "one without a name", certificate: shown(certified({ name: "" }, root)), expected: undefined },
    { what: "another authority's", certificate: shown(certified({}, other)), expected: unknown },
    { what: "its own", certificate: shown(certified({})), expected: unknown },
    {
      what: "one that only looks like the authority's",
      certificate: shown(certified({}, certified({ name: "root", isAuthority: true }))),
      expected: unknown,
    },
    { what: "a server's", certificate: shown(certified({ usages: ["1.3.6.1.5.5.7.3.1"] }, root)), expected: unknown },
    {
      what: "one that TLS has something against",
      certificate: { ...shown(certified({}, root)), verified: false },
      expected: unknown,
    },
    {
      what: "one that a client signed",
      certificate: shown(certified({}, certified({ name: "mallory" }, root)), certified({ name: "mallory" }, root)),
      expected: unknown,
    },
    { what: "without its intermediates", certificate: shown(certified({}, lower)), expected: unknown },
    {
      what: "two uids",
      certificate: shown(certified({ uids: ["a", "b"] }, root)),
      expected: "AuthenticationError: expected 1 UID, but found multiple: [a b]",
    },
    {
      what: "an empty uid",
      certificate: shown(certified({ uids: [""] }, root)),
      expected: "AuthenticationError: UID cannot be an empty string",
    },
    {
      what: "an ended one",
      certificate: shown(certified({ notAfter: begin + hourMs - 1000 }, root)),
      expected: outOfTime,
    },
    {
      what: "one that has not begun",
      certificate: shown(certified({ notBefore: begin + hourMs + 1000 }, root)),
      expected: outOfTime,
    },
  ])("is judged: $what", async ({ certificate, expected }) => {
    expect(await known(certificate)).toEqual(expected);
  });

  it.each([
    { what: "of any usage", certificate: shown(certified({ usages: ["2.5.29.37.0"] }, root)) },
    { what: "of no usage in particular", certificate: shown(certified({ usages: [] }, root)) },
    { what: "through intermediates in any order", certificate: shown(certified({}, lower), middle, lower) },
    { what: "by an intermediate that is in the bundle", certificate: shown(certified({}, middle)), also: middle },
    { what: "by the second of several authorities", certificate: shown(certified({}, other)), also: other },
  ])("is good: $what", async ({ certificate, also }) => {
    const bundle = also === undefined ? root.certPem : `${root.certPem}${also.certPem}`;
    expect(await known(certificate, bundle)).toMatchObject({ name: "jane" });
  });

  it("ends while its connection goes on, and with its authority", async () => {
    const clock = new ManualClock(begin + hourMs);
    let bundle = root.certPem;
    const authenticator = clientCertificate(
      currentAuthorities(() => bundle),
      clock,
    );
    const certificate = shown(certified({ notAfter: begin + 2 * hourMs }, root));
    const again = (): ReturnType<typeof judged> => judged(authenticator, requestWith({}, { certificate }));
    const first = await again();
    expect(first).toMatchObject({ name: "jane" });
    expect(await again()).toBe(first);
    bundle = other.certPem;
    expect(await again()).toEqual(unknown);
    bundle += root.certPem;
    expect(await again()).toMatchObject({ name: "jane" });
    clock.advance(hourMs + 1000);
    expect(await again()).toEqual(outOfTime);
  });

  it("costs a bounded time, however many ways there seem to be", async () => {
    const same = Array.from({ length: 8 }, () => certified({ name: "same", isAuthority: true }, other));
    const loop = certified({}, same[0]);
    expect(await known(shown(loop, ...same))).toEqual(unknown);
  });
});
