import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCertificateAuthority, issueCertificate } from "../certs/issue-certificate.ts";
import { certificateSigning } from "./certificate-signing.ts";

const now = new Date();
const lifetimeMs = 3_600_000;
const own = createCertificateAuthority({ commonName: "own", now, lifetimeMs });
const other = createCertificateAuthority({ commonName: "other", now, lifetimeMs });

describe("who signs certificates", () => {
  let folder = "";
  const file = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wherry-signing-"));
    const subject = { commonName: "leaf", organizations: [] };
    const leaf = issueCertificate({ authority: other, subject, usage: "client", now, lifetimeMs });
    for (const [name, { certPem, keyPem }] of Object.entries({ own, other, leaf })) {
      await writeFile(file(`${name}.crt`), certPem);
      await writeFile(file(`${name}.key`), keyPem);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("is the cluster's own authority, for a year, unless another is named", async () => {
    const usual = await certificateSigning({}, own);
    expect([usual.authority(), usual.lifetimeMs]).toEqual([own, 365 * 86_400_000]);
    const named = await certificateSigning(
      { certFile: file("other.crt"), keyFile: file("other.key"), duration: 60_000 },
      own,
    );
    expect([named.authority(), named.lifetimeMs]).toEqual([other, 60_000]);
  });

  it.each([
    [["other.crt", undefined], /need each other/],
    [["other.crt", "own.key"], /own\.key does not belong to .*other\.crt/],
    [["leaf.crt", "leaf.key"], /leaf\.crt is not a certificate authority/],
    [["other.crt", "none.key"], /--cluster-signing-key-file: .*none\.key cannot be read \(ENOENT\)/],
  ] as const)("cannot be %j", async ([certFile, keyFile], problem) => {
    const options = { certFile: file(certFile), ...(keyFile === undefined ? {} : { keyFile: file(keyFile) }) };
    await expect(certificateSigning(options, own)).rejects.toThrow(problem);
  });
});
