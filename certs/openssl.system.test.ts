import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensurePki } from "./ensure-pki.ts";
import { newSigningRequest } from "./new-signing-request.ts";
import { signRequest } from "./sign-request.ts";
import { readSigningRequest } from "./signing-request.ts";

const missing = spawnSync("openssl", ["version"]).error !== undefined;

describe.skipIf(missing)("openssl, as a second opinion", () => {
  let folder = "";
  const openssl = (...words: string[]): string =>
    execFileSync("openssl", words, { cwd: folder, encoding: "utf8", stdio: "pipe" });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wherry-openssl-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("finds every certificate in order, by its strict rules", async () => {
    await ensurePki(folder, { serviceAddress: "10.96.0.1" });
    const verify = (ca: string, purpose: string, leaf: string): string =>
      openssl("verify", "-x509_strict", "-CAfile", `${ca}.crt`, "-purpose", purpose, `${leaf}.crt`).trim();
    expect(verify("ca", "sslserver", "apiserver")).toBe("apiserver.crt: OK");
    for (const name of ["admin", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
      expect(verify("ca", "sslclient", name)).toBe(`${name}.crt: OK`);
    }
    expect(verify("front-proxy-ca", "sslclient", "front-proxy-client")).toBe("front-proxy-client.crt: OK");
    expect(() => verify("ca", "sslserver", "admin")).toThrow("unsuitable certificate purpose");
    expect(() => verify("ca", "sslclient", "front-proxy-client")).toThrow();
    expect(openssl("x509", "-in", "ca.crt", "-noout", "-text")).toContain("CA:TRUE, pathlen:0");
  });

  it("finds what it asked for in order when it is signed", async () => {
    const { ca } = await ensurePki(folder, { serviceAddress: "10.96.0.1" });
    const kinds = { rsa: ["rsa:2048"], ec: ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"], ed: ["ed25519"] };
    for (const [kind, algorithm] of Object.entries(kinds)) {
      const names = "subjectAltName=DNS:x.example.com,IP:10.0.0.1,IP:fd00::1,email:a@example.com,URI:spiffe://a/b";
      const files = ["-keyout", `${kind}.key`, "-out", `${kind}.csr`];
      openssl("req", "-new", "-newkey", ...algorithm, "-nodes", ...files, "-subj", "/O=a/O=b/CN=x", "-addext", names);
      const certificate = signRequest({
        authority: ca,
        request: readSigningRequest(readFileSync(join(folder, `${kind}.csr`), "utf8")),
        usages: ["digital signature", "key encipherment", "client auth"],
        now: Date.now(),
        lifetimeMs: 3_600_000,
      });
      writeFileSync(join(folder, `${kind}.crt`), certificate);
      expect(
        openssl("verify", "-x509_strict", "-CAfile", "ca.crt", "-purpose", "sslclient", `${kind}.crt`).trim(),
      ).toBe(`${kind}.crt: OK`);
      const text = openssl("x509", "-in", `${kind}.crt`, "-noout", "-text");
      for (const told of [
        /Subject: O = a, O = b, CN = x\n/,
        /Key Usage: critical\n +Digital Signature, Key Encipherment\n/,
        /Basic Constraints: critical\n +CA:FALSE\n/,
        /DNS:x\.example\.com, email:a@example\.com, IP Address:10\.0\.0\.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe:\/\/a\/b\n/,
      ])
        expect(text).toMatch(told);
    }
  });

  it("takes a request of ours for one of its own", () => {
    const { requestPem } = newSigningRequest({
      subject: { commonName: "system:node:a", organizations: ["system:nodes"] },
      names: ["a.example.com", "fd00::1"],
    });
    writeFileSync(join(folder, "a.csr"), requestPem);
    const text = openssl("req", "-in", "a.csr", "-noout", "-verify", "-text");
    expect(text).toContain("Subject: O = system:nodes, CN = system:node:a\n");
    expect(text).toContain("DNS:a.example.com, IP Address:FD00:0:0:0:0:0:0:1\n");
  });

  it("agrees with leaves of an authority that it made itself, with an RSA key", async () => {
    const config = [
      "[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=v3\nmultivalue-rdn=yes",
      "[dn]\nC=XX\nO=Example\n+O=Example Two\nCN=Example CA",
      "[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n",
    ];
    writeFileSync(join(folder, "ca.cnf"), config.join("\n"));
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", "ca.cnf"];
    openssl(...request, "-keyout", "ca.key", "-out", "ca.crt");
    const { serving } = await ensurePki(folder, { serviceAddress: "10.96.0.1", now: new Date(Date.now() + 1000) });
    expect(openssl("verify", "-x509_strict", "-CAfile", "ca.crt", "apiserver.crt").trim()).toBe("apiserver.crt: OK");
    const ca = new X509Certificate(readFileSync(join(folder, "ca.crt")));
    const leaf = new X509Certificate(serving.certPem);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(Date.parse(leaf.validTo)).toBe(Date.parse(ca.validTo));
  });
});
