import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCertificateAuthority } from "../../certs/issue-certificate.ts";
import { KeyError, readSigningKey, readVerificationKeys } from "./account-key.ts";

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const ec = (namedCurve: string): Pair => generateKeyPairSync("ec", { namedCurve });
const rsa = (modulusLength: number): Pair => generateKeyPairSync("rsa", { modulusLength });
const spki = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const pkcs8 = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/** With the id that kube-apiserver computes of it. */
const known = {
  id: "SoABiieYuNx4UdqYvZRVeuC6SihxgLrhLy9peHMHpTc",
  pem: `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEH6cuzP8XuD5wal6wf9M6xDljTOPL
X2i8uIp/C/ASqiIGUeeKQtX0/IR3qCXyThP/dbCiHrF3v1cuhBOHY8CLVg==
-----END PUBLIC KEY-----`,
};

describe("keys of tokens", () => {
  it.each([
    ["P-256", "ES256"],
    ["P-384", "ES384"],
    ["P-521", "ES512"],
  ])("on %s sign in one way", (curve, algorithm) => {
    const { privateKey } = ec(curve);
    const sec1 = privateKey.export({ type: "sec1", format: "pem" }).toString();
    expect(readSigningKey(sec1).verification).toMatchObject({ algorithm, accepted: [algorithm] });
  });

  it("of RSA sign as kube-apiserver does, and are taken in three ways", () => {
    const pair = rsa(2048);
    const read = readSigningKey(pkcs8(pair.privateKey));
    expect(read.verification).toMatchObject({ algorithm: "RS256", accepted: ["RS256", "RS384", "RS512"] });
    const pkcs1 = pair.publicKey.export({ type: "pkcs1", format: "pem" }).toString();
    for (const pem of [pkcs1, spki(pair.publicKey), pkcs8(pair.privateKey)])
      expect(readVerificationKeys(pem).map(({ id }) => id)).toEqual([read.verification.id]);
  });

  it("are named by a digest, as others compute it", () => {
    const [key] = readVerificationKeys(known.pem);
    expect(key?.id).toBe(known.id);
  });

  it("may be a certificate's", () => {
    const { certPem, keyPem } = createCertificateAuthority({ commonName: "x", now: new Date(0), lifetimeMs: 1 });
    expect(readVerificationKeys(certPem)).toMatchObject([{ id: readSigningKey(keyPem).verification.id }]);
  });

  it("may be several to a file, beside what is none", () => {
    const one = ec("P-256");
    const other = rsa(2048);
    const text = `# the old one\n${spki(one.publicKey)}\n-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n${spki(other.publicKey)}`;
    expect(readVerificationKeys(text).map(({ algorithm }) => algorithm)).toEqual(["ES256", "RS256"]);
  });

  it.each<readonly [string, () => unknown, string]>([
    ["nothing", () => readVerificationKeys(""), "it holds no RSA or ECDSA key"],
    ["no private key", () => readSigningKey(spki(ec("P-256").publicKey)), "it holds no private key"],
    [
      "another kind of key",
      () => readVerificationKeys(spki(generateKeyPairSync("ed25519").publicKey)),
      "only RSA keys",
    ],
    ["another curve", () => readVerificationKeys(spki(ec("secp256k1").publicKey)), "only RSA keys"],
    ["a short key", () => readSigningKey(pkcs8(rsa(1024).privateKey)), "at least 2048 bits"],
    [
      "rubbish",
      () => readVerificationKeys("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
      "a key in it cannot be read",
    ],
  ])("%s is refused", (_, read, why) => {
    expect(read).toThrow(KeyError);
    expect(read).toThrow(why);
  });
});
