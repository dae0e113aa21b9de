import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newSigningRequest } from "./new-signing-request.ts";
import { pemBlocks, toPem } from "./pem.ts";
import { signingRequestProblem } from "./request-signature.ts";
import { sampleRequests } from "./sample-requests.testing.ts";
import { readSigningRequest, SigningRequestError } from "./signing-request.ts";

describe("a signing request", () => {
  it("is read with all of its names", () => {
    const request = readSigningRequest(sampleRequests.ec);
    expect(request).toMatchObject({
      commonName: "system:node:n1",
      organizations: ["system:nodes"],
      dnsNames: ["n1.example.com"],
      emailAddresses: ["a@b.c"],
      uris: ["spiffe://x/y"],
    });
    expect(request.ipAddresses.map((address) => address.toString("hex"))).toEqual([
      "0a000001",
      "fd000000000000000000000000000001",
    ]);
    expect(readSigningRequest(sampleRequests.rsa)).toMatchObject({
      commonName: "jane",
      organizations: ["dev", "ops"],
      dnsNames: [],
    });
  });

  it.each([
    ["rsa", undefined],
    ["ec", undefined],
    ["ed25519", undefined],
    ["pss", undefined],
    ["sha1", undefined],
    ["small", "crypto/rsa: 512-bit keys are insecure"],
    ["ed448", "x509: cannot verify signature: algorithm unimplemented"],
  ] as const)("of kind %s is judged by its signature", (kind, problem) => {
    expect(signingRequestProblem(sampleRequests[kind])).toBe(problem);
  });

  it.each([
    ["rsa", "crypto/rsa: verification error"],
    ["pss", "crypto/rsa: verification error"],
    ["ec", "x509: ECDSA verification failure"],
    ["ed25519", "x509: Ed25519 verification failure"],
  ] as const)("of kind %s that was changed after it was signed is refused", (kind, problem) => {
    const der = Buffer.from(pemBlocks(sampleRequests[kind])[0]?.der ?? []);
    const letter = der.lastIndexOf(readSigningRequest(sampleRequests[kind]).commonName);
    der.writeUInt8(der.readUInt8(letter) ^ 1, letter);
    expect(signingRequestProblem(toPem("CERTIFICATE REQUEST", der))).toBe(problem);
  });

  it.each([
    ["nothing", ""],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
    ["the old name", "-----BEGIN NEW CERTIFICATE REQUEST-----\nAAAA\n-----END NEW CERTIFICATE REQUEST-----\n"],
    ["no end", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"],
    ["no base64", "-----BEGIN CERTIFICATE REQUEST-----\n****\n-----END CERTIFICATE REQUEST-----\n"],
  ])("that is %s is none", (_what, pem) => {
    expect(signingRequestProblem(pem)).toBe("PEM block type must be CERTIFICATE REQUEST");
  });

  it("survives whatever is done to it", () => {
    const der = pemBlocks(sampleRequests.ec)[0]?.der ?? Buffer.alloc(0);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(der.length), (at, byte, length) => {
        const broken = Buffer.from(der);
        broken.writeUInt8(byte, at);
        for (const bytes of [broken, der.subarray(0, length)]) {
          const problem = signingRequestProblem(toPem("CERTIFICATE REQUEST", bytes));
          if (!bytes.equals(der)) expect(problem).toBeTypeOf("string");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("takes no time beyond its length to be refused", () => {
    const many = "-----BEGIN X-----\n".repeat(100_000);
    expect(pemBlocks(many)).toEqual([]);
    expect(pemBlocks(`${many}-----END Y-----\n`)).toEqual([]);
    expect(() => readSigningRequest(toPem("CERTIFICATE REQUEST", Buffer.alloc(100_000, 0x30)))).toThrow(
      SigningRequestError,
    );
  });

  it("of our own can be read", () => {
    const { requestPem } = newSigningRequest({
      subject: { commonName: "system:node:a", organizations: ["system:nodes"] },
      names: ["a.example.com", "10.0.0.9", "fd00::9"],
    });
    expect(signingRequestProblem(requestPem)).toBeUndefined();
    expect(readSigningRequest(requestPem)).toMatchObject({
      commonName: "system:node:a",
      organizations: ["system:nodes"],
      dnsNames: ["a.example.com"],
      ipAddresses: [Buffer.from([10, 0, 0, 9]), expect.objectContaining({ length: 16 })],
    });
    expect(
      signingRequestProblem(newSigningRequest({ subject: { commonName: "x", organizations: [] } }).requestPem),
    ).toBe(undefined);
  });
});
