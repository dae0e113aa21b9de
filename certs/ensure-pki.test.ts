import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { validityOf } from "./credential.ts";
import { subjectOf } from "./distinguished-name.ts";
import { createPki, ensurePki, type PkiOptions } from "./ensure-pki.ts";
import type { Pki } from "./pki.ts";

const dayMs = 86_400_000;
const start = new Date("2026-06-01T00:00:00Z");
const options: PkiOptions = {
  serviceAddress: "10.96.0.1",
  machine: { hostName: "Box", addresses: ["192.0.2.7", "2001:db8::7"] },
  now: start,
};
const later = (days: number): PkiOptions => ({ ...options, now: new Date(start.getTime() + days * dayMs) });

interface Folder extends AsyncDisposable {
  readonly path: string;
}

async function folder(): Promise<Folder> {
  const root = await mkdtemp(join(tmpdir(), "wherry-certs-"));
  return { path: join(root, "pki"), [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

const credentials = (pki: Pki): readonly { certPem: string; keyPem: string }[] => [
  pki.ca,
  pki.serving,
  ...Object.values(pki.clients),
  pki.frontProxy.ca,
  pki.frontProxy.client,
];

describe("the first start", () => {
  it("makes a key for each certificate, and no serial number twice", async () => {
    const all = credentials(await createPki(options));
    for (const { certPem, keyPem } of all) {
      expect(new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
      expect(createPublicKey(keyPem).asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    }
    const serials = all.map(({ certPem }) => new X509Certificate(certPem).serialNumber);
    expect(new Set(serials).size).toBe(all.length);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it("names the server by all that clients call it", async () => {
    const extra = ["api.example.com", "*.example.org", "2001:DB8:0:0::1", "192.0.2.7"];
    const serving = new X509Certificate((await createPki({ ...options, extra })).serving.certPem);
    const names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "box", "api.example.com"];
    for (const name of [...names, "kubernetes.default.svc.cluster.local", "any.example.org"]) {
      expect(serving.checkHost(name), name).toBeDefined();
    }
    for (const address of ["127.0.0.1", "::1", "10.96.0.1", "192.0.2.7", "2001:db8::7", "2001:db8::1"]) {
      expect(serving.checkIP(address), address).toBe(address);
    }
    expect(serving.subjectAltName?.match(/192\.0\.2\.7/g)).toHaveLength(1);
  });

  it("gives each client its Kubernetes user and groups", async () => {
    const { clients } = await createPki(options);
    const subjects = Object.values(clients).map(({ certPem }) => subjectOf(new X509Certificate(certPem)));
    expect(subjects).toEqual([
      { commonName: "kubernetes-admin", organizations: ["system:masters"] },
      { commonName: "system:apiserver", organizations: ["system:masters"] },
      { commonName: "system:kube-controller-manager", organizations: [] },
      { commonName: "system:kube-scheduler", organizations: [] },
    ]);
  });

  it("backdates certificates for clocks that are behind, and lets no leaf outlive its authority", async () => {
    const pki = await createPki(options);
    const ca = validityOf(new X509Certificate(pki.ca.certPem));
    for (const { certPem } of credentials(pki)) {
      const { notBefore, notAfter } = validityOf(new X509Certificate(certPem));
      expect(notBefore).toBe(start.getTime() - 5 * 60_000);
      expect(notAfter).toBeLessThanOrEqual(ca.notAfter);
    }
  });

  it("makes a key pair that signs service-account tokens", async () => {
    const { serviceAccountKey } = await createPki(options);
    const signature = sign("sha256", Buffer.from("token"), serviceAccountKey.privateKeyPem);
    expect(verify("sha256", Buffer.from("token"), serviceAccountKey.publicKeyPem, signature)).toBe(true);
  });

  it("writes files that only their owner reads", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    expect((await stat(at.path)).mode & 0o777).toBe(0o700);
    const files = await readdir(at.path);
    expect(files).toHaveLength(17);
    for (const file of files) expect((await stat(join(at.path, file))).mode & 0o777, file).toBe(0o600);
  });

  it("refuses a name that no certificate can carry", async () => {
    await expect(createPki({ ...options, extra: ["not a name"] })).rejects.toThrow('"not a name" cannot be a name');
  });
});

describe("a certificate", () => {
  it("is accepted on both sides of a TLS connection", async () => {
    const pki = await createPki({ serviceAddress: "10.96.0.1" });
    const shared = { ca: pki.ca.certPem };
    const server = createServer({
      ...shared,
      cert: pki.serving.certPem,
      key: pki.serving.keyPem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { certPem: cert, keyPem: key } = pki.clients["kube-scheduler"];
    const client = connect({ ...shared, host: "127.0.0.1", port, cert, key });
    const [accepted]: TLSSocket[] = await once(server, "secureConnection");
    const shown = accepted?.getPeerX509Certificate();
    expect(accepted?.authorized).toBe(true);
    expect(shown === undefined ? undefined : subjectOf(shown).commonName).toBe("system:kube-scheduler");
    expect(client.authorized).toBe(true);
    client.destroy();
    accepted?.destroy();
    server.close();
  });

  it("may run past 2049, where the form of dates changes", async () => {
    const pki = await createPki({ ...options, now: new Date("2045-01-01T00:00:00Z") });
    expect(validityOf(new X509Certificate(pki.ca.certPem)).notAfter).toBeGreaterThan(Date.parse("2054-12-01"));
    expect(new X509Certificate(pki.serving.certPem).verify(new X509Certificate(pki.ca.certPem).publicKey)).toBe(true);
  });

  it("keeps odd characters of a subject as data", async () => {
    const { issueCertificate } = await import("./issue-certificate.ts");
    const subject = { commonName: 'a+b, O=system:masters\n"é"', organizations: ["x\\y", "x + O=z"] };
    const { ca } = await createPki(options);
    const issued = issueCertificate({ authority: ca, subject, usage: "client", now: start, lifetimeMs: dayMs });
    expect(subjectOf(new X509Certificate(issued.certPem))).toEqual(subject);
  });
});

describe("a later start", () => {
  it("keeps everything that still fits", async () => {
    await using at = await folder();
    const first = await ensurePki(at.path, options);
    expect(await ensurePki(at.path, later(300))).toEqual(first);
  });

  it("renews leaves in their last 30 days and keeps authorities and the token key", async () => {
    await using at = await folder();
    const first = await ensurePki(at.path, options);
    expect(first.renewAt).toBe(start.getTime() + 335 * dayMs);
    const second = await ensurePki(at.path, later(335));
    expect(second.ca).toEqual(first.ca);
    expect(second.frontProxy.ca).toEqual(first.frontProxy.ca);
    expect(second.serviceAccountKey).toEqual(first.serviceAccountKey);
    for (const [name, credential] of Object.entries(second.clients)) {
      expect(Object.entries(first.clients).find(([other]) => other === name)?.[1].certPem).not.toBe(credential.certPem);
    }
    expect(second.renewAt).toBeGreaterThan(first.renewAt);
    expect(await ensurePki(at.path, later(335))).toEqual(second);
  });

  it("makes a new serving certificate, and no other, when a name comes or goes", async () => {
    await using at = await folder();
    const first = await ensurePki(at.path, options);
    const named = await ensurePki(at.path, { ...options, extra: ["api.example.com"] });
    expect(named.clients).toEqual(first.clients);
    expect(new X509Certificate(named.serving.certPem).checkHost("api.example.com")).toBeDefined();
    const unnamed = await ensurePki(at.path, options);
    expect(new X509Certificate(unnamed.serving.certPem).checkHost("api.example.com")).toBeUndefined();
  });

  it("makes leaves anew for an authority that was replaced, and where one is broken or missing", async () => {
    await using at = await folder();
    const first = await ensurePki(at.path, options);
    await writeFile(join(at.path, "admin.key"), "rubbish");
    await rm(join(at.path, "kube-scheduler.crt"));
    const mended = await ensurePki(at.path, options);
    expect(mended.serving).toEqual(first.serving);
    for (const name of ["admin", "kube-scheduler"] as const) {
      const { certPem, keyPem } = mended.clients[name];
      expect(new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    }
    await rm(join(at.path, "ca.crt"));
    await rm(join(at.path, "ca.key"));
    const moved = await ensurePki(at.path, options);
    expect(new X509Certificate(moved.serving.certPem).verify(createPublicKey(moved.ca.certPem))).toBe(true);
    expect(moved.frontProxy).toEqual(first.frontProxy);
  });

  it("takes up a first start that was cut off after the keys", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    for (const file of await readdir(at.path)) if (file.endsWith(".crt")) await rm(join(at.path, file));
    const { ca } = await ensurePki(at.path, options);
    expect(new X509Certificate(ca.certPem).checkPrivateKey(createPrivateKey(ca.keyPem))).toBe(true);
  });

  it("leaves no drafts behind", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    await ensurePki(at.path, later(340));
    expect((await readdir(at.path)).filter((file) => !/\.(crt|key)$/.test(file))).toEqual([]);
  });
});

describe("what cannot be used is refused in one line", () => {
  const refused = async (at: Folder, when: PkiOptions, says: string): Promise<void> => {
    const before = await readdir(at.path);
    const message = await ensurePki(at.path, when).then(
      () => "accepted",
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : ""),
    );
    expect(message).toContain(at.path);
    expect(message).toContain(says);
    expect(message).not.toContain("\n");
    expect(await readdir(at.path)).toEqual(before);
  };

  it("an authority whose key belongs to another", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    await writeFile(join(at.path, "ca.key"), (await createPki(options)).ca.keyPem);
    await refused(at, options, "ca.key does not belong to ca.crt");
  });

  it("an authority without its key", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    await rm(join(at.path, "front-proxy-ca.key"));
    await refused(at, options, "front-proxy-ca.key is missing");
  });

  it("an authority that expired, or is not valid yet", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    await refused(at, later(3651), "ca.crt expired on");
    await refused(at, later(-1), "check the clock");
  });

  it("a certificate that is no authority", async () => {
    await using at = await folder();
    const { clients } = await ensurePki(at.path, options);
    await writeFile(join(at.path, "ca.crt"), clients.admin.certPem);
    await writeFile(join(at.path, "ca.key"), clients.admin.keyPem);
    await refused(at, options, "ca.crt is not a certificate authority");
  });

  it("a token key that is broken", async () => {
    await using at = await folder();
    await ensurePki(at.path, options);
    await writeFile(join(at.path, "sa.key"), "rubbish");
    await refused(at, options, "sa.key cannot be read");
  });

  it("a folder that is a file", async () => {
    await using at = await folder();
    await writeFile(at.path, "");
    await expect(ensurePki(at.path, options)).rejects.toThrow("the folder of the certificates cannot be read");
  });

  it("a file that is a folder", async () => {
    await using at = await folder();
    await mkdir(join(at.path, "ca.crt"), { recursive: true });
    await refused(at, options, "the folder of the certificates cannot be read");
  });
});

describe("a folder", () => {
  it("that others could enter is closed to them", async () => {
    await using at = await folder();
    await mkdir(at.path);
    await chmod(at.path, 0o755);
    await ensurePki(at.path, options);
    expect((await stat(at.path)).mode & 0o777).toBe(0o700);
  });
});
