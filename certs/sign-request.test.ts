import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { validityOf } from "./credential.ts";
import { subjectOf } from "./distinguished-name.ts";
import { createCertificateAuthority } from "./issue-certificate.ts";
import { keyUsagesOf } from "./key-usages.ts";
import { sampleRequests } from "./sample-requests.testing.ts";
import { signRequest, type SigningOrder } from "./sign-request.ts";
import { readSigningRequest } from "./signing-request.ts";

const now = Date.UTC(2026, 0, 1);
const minute = 60_000;
const hour = 60 * minute;
const authority = createCertificateAuthority({ commonName: "ca", now: new Date(now), lifetimeMs: 48 * hour });
const sign = (order: Partial<SigningOrder> = {}, pem: string = sampleRequests.ec): X509Certificate =>
  new X509Certificate(
    signRequest({
      authority,
      request: readSigningRequest(pem),
      usages: ["digital signature", "client auth"],
      now,
      lifetimeMs: hour,
      ...order,
    }),
  );

describe("a signed request", () => {
  it("is a leaf of the authority for the requester's key, subject and names", () => {
    const certificate = sign();
    const ca = new X509Certificate(authority.certPem);
    expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.publicKey.equals(readSigningRequest(sampleRequests.ec).publicKey!)).toBe(true);
    expect(subjectOf(certificate)).toEqual({ commonName: "system:node:n1", organizations: ["system:nodes"] });
    expect(certificate.subjectAltName).toBe(
      "DNS:n1.example.com, email:a@b.c, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://x/y",
    );
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("keeps the rest of the subject in Go's order", () => {
    expect(sign({}, sampleRequests.rsa).subject).toBe("C=GB\nO=dev\nO=ops\nOU=x\nCN=jane");
  });

  it.each<[string, number, number]>([
    ["an hour, and five minutes of the past on top", hour, now + hour],
    ["a minute", minute, now + minute],
    ["a day, less what it is backdated", 24 * hour, now + 24 * hour - 5 * minute],
    ["no longer than the authority", 96 * hour, now + 48 * hour],
  ])("lives for %s", (_what, lifetimeMs, notAfter) => {
    expect(validityOf(sign({ lifetimeMs }))).toEqual({ notBefore: now - 5 * minute, notAfter });
  });

  it("is refused by an authority that has ended", () => {
    expect(() => sign({ now: now + 48 * hour })).toThrow(
      "refusing to sign a certificate that expired in the past: NotAfter=2026-01-03T00:00:00.000Z",
    );
  });

  it("is refused to who does not have the key", () => {
    const request = { ...readSigningRequest(sampleRequests.ec), signed: Buffer.from("other") };
    expect(() => sign({ request })).toThrow(
      "unable to verify certificate request signature: x509: ECDSA verification failure",
    );
  });
});

describe("usages", () => {
  it.each<[readonly string[], string, number, readonly string[]]>([
    [["signing"], "80", 7, []],
    [["client auth", "client auth"], "", 0, ["1.3.6.1.5.5.7.3.2"]],
    [["cert sign", "encipher only"], "05", 0, []],
    [["decipher only", "digital signature"], "8080", 7, []],
    [["ocsp signing", "crl sign", "s/mime", "content commitment"], "42", 1, ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.9"]],
  ])("%j", (names, bits, unusedBits, extended) => {
    expect(keyUsagesOf(names)).toEqual({ bits: Buffer.from(bits, "hex"), unusedBits, extended });
  });

  it("must be known", () => {
    expect(() => keyUsagesOf(["client auth", "unsupported string"])).toThrow(
      'unrecognized usage values: ["unsupported string"]',
    );
  });
});
