import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CertificateSigningRequest } from "../../api/generated/types/certificates-v1.ts";
import type { Transport } from "../../api/wire.ts";
import { subjectOf } from "../../certs/distinguished-name.ts";
import { validityOf } from "../../certs/credential.ts";
import { createCertificateAuthority } from "../../certs/issue-certificate.ts";
import { newSigningRequest } from "../../certs/new-signing-request.ts";
import { createClient } from "../../client/client.ts";
import { certificateSigningRequests, clusterRoleBindings } from "../../client/resource-types.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { certificateSigningRequestApprovingController } from "./certificatesigningrequest-approving-controller.ts";
import { certificateSigningRequestCleanerController } from "./certificatesigningrequest-cleaner-controller.ts";
import { certificateSigningRequestSigningController } from "./certificatesigningrequest-signing-controller.ts";
import type { Csr } from "./request-state.ts";

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;
const authority = createCertificateAuthority({ commonName: "ca", now: new Date(now), lifetimeMs: 900 * day });
const clientSigner = "kubernetes.io/kube-apiserver-client";
const nodeSigner = "kubernetes.io/kube-apiserver-client-kubelet";

describe("certificate signing requests", () => {
  let play: Stage;
  beforeAll(async () => {
    play = await stage(
      [
        certificateSigningRequestApprovingController,
        certificateSigningRequestSigningController,
        certificateSigningRequestCleanerController,
      ],
      { config: { signing: { authority: () => authority, lifetimeMs: 365 * day, now: () => now } } },
    );
  });
  afterAll(() => play[Symbol.asyncDispose]());

  async function ask(
    name: string,
    spec: Partial<CertificateSigningRequest["spec"]> = {},
    subject = { commonName: "jane", organizations: ["dev"] },
  ): Promise<void> {
    const request = Buffer.from(newSigningRequest({ subject }).requestPem).toString("base64");
    await play.client.create(certificateSigningRequests, {
      metadata: { name },
      spec: { request, signerName: clientSigner, usages: ["client auth"], ...spec },
    });
    await play.settled();
  }
  const get = (name: string): Promise<Csr> => play.client.get(certificateSigningRequests, { name });
  async function decide(name: string, type: "Approved" | "Denied"): Promise<void> {
    const conditions = [{ type, status: "True", reason: "Test", message: "" }];
    await play.client.patch(
      certificateSigningRequests,
      { name },
      { status: { conditions } },
      { subresource: "approval" },
    );
    await play.settled();
  }
  const certificateOf = ({ status }: Csr): X509Certificate =>
    new X509Certificate(Buffer.from(status?.certificate ?? "", "base64"));
  const states = ({ status }: Csr): readonly string[] => (status?.conditions ?? []).map(({ type }) => type);

  it("are signed when they are approved", async () => {
    await ask("jane");
    expect((await get("jane")).status ?? {}).toEqual({});
    await decide("jane", "Approved");
    const certificate = certificateOf(await get("jane"));
    expect(certificate.verify(new X509Certificate(authority.certPem).publicKey)).toBe(true);
    expect(subjectOf(certificate)).toEqual({ commonName: "jane", organizations: ["dev"] });
    expect(validityOf(certificate)).toEqual({ notBefore: now - 300_000, notAfter: now + 365 * day - 300_000 });
  });

  it("live as long as was asked for", async () => {
    await ask("brief", { expirationSeconds: 3600 });
    await decide("brief", "Approved");
    expect(validityOf(certificateOf(await get("brief"))).notAfter).toBe(now + 3_600_000);
    await ask("endless", { expirationSeconds: 2_000_000_000 });
    await decide("endless", "Approved");
    expect(validityOf(certificateOf(await get("endless"))).notAfter).toBe(now + 365 * day - 300_000);
  });

  it("are not signed when they are denied, or another's", async () => {
    await ask("denied");
    await decide("denied", "Denied");
    expect((await get("denied")).status).not.toHaveProperty("certificate");
    await ask("other", { signerName: "example.com/ours" });
    await decide("other", "Approved");
    expect((await get("other")).status).not.toHaveProperty("certificate");
  });

  it("fail when they ask for what the signer does not sign", async () => {
    await ask("serving", { usages: ["server auth"] });
    await decide("serving", "Approved");
    const { status } = await get("serving");
    expect(status).not.toHaveProperty("certificate");
    expect(status?.conditions?.[1]).toMatchObject({
      type: "Failed",
      status: "True",
      reason: "SignerValidationFailure",
      message: "invalid usage for client certificate: server auth",
    });
  });

  it("survive the controllers' crash between approval and signature", async () => {
    await ask("crash");
    await play.stop();
    const conditions = [{ type: "Approved", status: "True" }];
    await play.client.patch(
      certificateSigningRequests,
      { name: "crash" },
      { status: { conditions } },
      { subresource: "approval" },
    );
    await play.restart();
    expect(subjectOf(certificateOf(await get("crash"))).commonName).toBe("jane");
  });

  it("of nodes are approved when who asks may have them", async () => {
    const node = { commonName: "system:node:n1", organizations: ["system:nodes"] };
    const usages = ["digital signature", "client auth"];
    // An administrator may do everything, ask for a node's certificate included.
    await ask("node", { signerName: nodeSigner, usages }, node);
    const csr = await get("node");
    expect(csr.status?.conditions).toMatchObject([
      {
        type: "Approved",
        status: "True",
        reason: "AutoApproved",
        message: "Auto approving kubelet client certificate after SubjectAccessReview.",
      },
    ]);
    expect(subjectOf(certificateOf(csr))).toEqual(node);
    await ask("no-node", { signerName: nodeSigner, usages }, { ...node, commonName: "jane" });
    expect(states(await get("no-node"))).toEqual([]);
  });

  it("of nodes wait until who asks may have them", async () => {
    const headers = { "impersonate-user": "machine", "impersonate-group": "system:authenticated" };
    const transport: Transport = (request) =>
      play.transport({ ...request, headers: { ...request.headers, ...headers } });
    const machine = createClient({ transport, userAgent: "test" });
    const bind = (name: string, role: string): Promise<unknown> =>
      play.client.create(clusterRoleBindings, {
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "machine" }],
      });
    await bind("asks", "system:node-bootstrapper");
    const subject = { commonName: "system:node:n2", organizations: ["system:nodes"] };
    await machine.create(certificateSigningRequests, {
      metadata: { name: "patient" },
      spec: {
        request: Buffer.from(newSigningRequest({ subject }).requestPem).toString("base64"),
        signerName: nodeSigner,
        usages: ["digital signature", "client auth"],
      },
    });
    await play.clock.advance(10_000);
    expect((await get("patient")).spec.username).toBe("machine");
    expect(states(await get("patient"))).toEqual([]);
    await bind("has", "system:certificates.k8s.io:certificatesigningrequests:nodeclient");
    await play.clock.advance(20_000);
    expect(states(await get("patient"))).toEqual(["Approved"]);
    expect(subjectOf(certificateOf(await get("patient")))).toEqual(subject);
  });

  it("go when they have had their time", async () => {
    const left = async (): Promise<readonly string[]> =>
      (await play.client.list(certificateSigningRequests)).map(({ metadata }) => metadata?.name ?? "").toSorted();
    await ask("waiting");
    expect(await left()).toEqual(expect.arrayContaining(["denied", "jane", "other", "serving", "waiting"]));
    await play.clock.advance(3_600_000 + 2_000);
    expect(await left()).toEqual(["no-node", "other", "waiting"]);
    await play.clock.advance(23 * 3_600_000);
    expect(await left()).toEqual([]);
  });
});
