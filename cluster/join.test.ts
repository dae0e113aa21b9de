import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { SelfSubjectReview } from "../api/generated/types/authentication-v1.ts";
import type { CertificateSigningRequest } from "../api/generated/types/certificates-v1.ts";
import { ApiError } from "../api/machinery/status.ts";
import { formatTime } from "../api/machinery/time.ts";
import type { Transport } from "../api/wire.ts";
import { realClock } from "../base/clock.ts";
import { silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { subjectOf } from "../certs/distinguished-name.ts";
import { createCertificateAuthority } from "../certs/issue-certificate.ts";
import { newSigningRequest } from "../certs/new-signing-request.ts";
import { discoverAuthority } from "../client/bootstrap/discover-authority.ts";
import { join, type JoinOptions } from "../client/bootstrap/join.ts";
import { requestClientCertificate, requestServingCertificate } from "../client/bootstrap/node-certificates.ts";
import { publicKeyPin } from "../client/bootstrap/public-key-pin.ts";
import { answerOf, call } from "../client/call.ts";
import { createHttpsTransport } from "../client/https/https-transport.ts";
import type { ClientCertificate } from "../client/https/options.ts";
import { certificateSigningRequests, secrets } from "../client/resource-types.ts";
import type { Kubeconfig } from "../certs/kubeconfig.ts";
import { createCluster, type TestCluster } from "./testing.ts";

const signal = new AbortController().signal;
const deps = {
  newRequest: newSigningRequest,
  clock: realClock,
  random: systemRandom,
  log: silentLogger,
  signal,
};

describe("joining", () => {
  let cluster: TestCluster;
  let caPem = "";
  beforeAll(async () => {
    cluster = await createCluster({ nodes: 0, scheduler: false });
    const { clusters } = parse(cluster.kubeconfig) as Kubeconfig;
    caPem = Buffer.from(clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64").toString();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  async function makeToken(id: string, groups = "system:bootstrappers:kubeadm:default-node-token"): Promise<void> {
    await cluster.client.create(secrets, {
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData: {
        "token-id": id,
        "token-secret": "0123456789abcdef",
        "usage-bootstrap-signing": "true",
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": groups,
        expiration: formatTime(cluster.now() + 3_600_000),
      },
    });
  }
  const optionsOf = (id: string, pin = publicKeyPin(caPem)): JoinOptions => ({
    ...deps,
    server: cluster.url,
    joinToken: { token: { id, secret: "0123456789abcdef" }, pin },
    nodeName: `node-${id}`,
  });
  async function as<T>(clientCertificate: ClientCertificate, work: (transport: Transport) => Promise<T>): Promise<T> {
    await using https = createHttpsTransport({ server: cluster.url, caPem, clientCertificate });
    return await work(https.transport);
  }
  const whoami = (certificate: ClientCertificate): Promise<SelfSubjectReview> =>
    as(certificate, (transport) =>
      call<SelfSubjectReview>(transport, {
        method: "POST",
        url: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
      }),
    );

  it("leads from a token to a node's own certificate, and from that to the next", async () => {
    await makeToken("aaaaaa");
    const { caPem: found, client } = await join(optionsOf("aaaaaa"));
    expect(new X509Certificate(found).fingerprint256).toBe(new X509Certificate(caPem).fingerprint256);
    expect(subjectOf(new X509Certificate(client.certPem))).toEqual({
      commonName: "system:node:node-aaaaaa",
      organizations: ["system:nodes"],
    });
    expect((await whoami(client)).status?.userInfo).toMatchObject({
      username: "system:node:node-aaaaaa",
      groups: ["system:nodes", "system:authenticated"],
    });
    const next = await as(client, (transport) =>
      requestClientCertificate({ ...deps, transport, nodeName: "node-aaaaaa", expirationSeconds: 3600 }),
    );
    expect(next.certPem).not.toBe(client.certPem);
    expect(Date.parse(new X509Certificate(next.certPem).validTo)).toBeLessThan(realClock.now() + 3_700_000);
    const csrs = await cluster.client.list(certificateSigningRequests);
    expect(csrs.map(({ spec, status }) => [spec.username, status?.conditions?.[0]?.message])).toEqual(
      expect.arrayContaining([
        ["system:bootstrap:aaaaaa", "Auto approving kubelet client certificate after SubjectAccessReview."],
        ["system:node:node-aaaaaa", "Auto approving self kubelet client certificate after SubjectAccessReview."],
      ]),
    );
  });

  it("gives a node a serving certificate when an administrator approves it", async () => {
    await makeToken("bbbbbb");
    const { client } = await join(optionsOf("bbbbbb"));
    const approve = async (): Promise<void> => {
      for (const { metadata, spec } of await cluster.client.list(certificateSigningRequests))
        if (spec.signerName === "kubernetes.io/kubelet-serving")
          await cluster.client.patch(
            certificateSigningRequests,
            { name: metadata?.name ?? "" },
            { status: { conditions: [{ type: "Approved", status: "True" }] } },
            { subresource: "approval" },
          );
    };
    const names = ["node-bbbbbb", "10.0.0.7"];
    const serving = await as(client, async (transport) => {
      // The administrator sees the request as soon as it is there.
      const seen: Transport = async (request) => {
        const response = await transport(request);
        if (request.method === "POST") await approve();
        return response;
      };
      return requestServingCertificate({ ...deps, transport: seen, nodeName: "node-bbbbbb", names });
    });
    expect(new X509Certificate(serving.certPem).subjectAltName).toBe("DNS:node-bbbbbb, IP Address:10.0.0.7");
  });

  it("tells who is not let in why", async () => {
    await makeToken("cccccc");
    const other = createCertificateAuthority({ commonName: "x", now: new Date(realClock.now()), lifetimeMs: 60_000 });
    await expect(join(optionsOf("cccccc", publicKeyPin(other.certPem)))).rejects.toThrow(
      "the server's authority is not the one that the join token pins",
    );
    const wrong = optionsOf("cccccc");
    const joinToken = { ...wrong.joinToken, token: { id: "cccccc", secret: "fedcba9876543210" } };
    await expect(join({ ...wrong, joinToken })).rejects.toThrow("is not signed by the join token");
  });

  it("waits for a token that the server does not know, and not for ever", async () => {
    const { server, joinToken } = optionsOf("nobody");
    await expect(discoverAuthority({ server, joinToken, clock: realClock, signal, patienceMs: 0 })).rejects.toThrow(
      "the server does not know the join token",
    );
    const later = discoverAuthority({ server, joinToken, clock: realClock, signal });
    await makeToken("nobody");
    expect(new X509Certificate(await later).fingerprint256).toBe(new X509Certificate(caPem).fingerprint256);
  });

  it("tells who waits for a certificate that it is denied, gone, or not decided yet", async () => {
    const admin = cluster.as({ name: "admin", groups: ["system:masters", "system:authenticated"] });
    const ask = (then: (name: string) => Promise<unknown>, patienceMs = 30_000): Promise<ClientCertificate> => {
      const transport: Transport = async (request) => {
        const response = await admin(request);
        if (request.method === "POST")
          await then(((await answerOf(response)) as CertificateSigningRequest).metadata?.name ?? "");
        return response;
      };
      return requestServingCertificate({ ...deps, transport, nodeName: "x", names: ["x"], patienceMs });
    };
    const conditions = [{ type: "Denied", status: "True", reason: "NotOurs", message: "who are you?" }];
    const deny = (name: string): Promise<unknown> =>
      cluster.client.patch(
        certificateSigningRequests,
        { name },
        { status: { conditions } },
        { subresource: "approval" },
      );
    await expect(ask(deny)).rejects.toThrow(/is denied, reason: "NotOurs", message: "who are you\?"$/);
    await expect(ask(() => Promise.resolve(), 1)).rejects.toThrow(
      /^nobody has answered the certificate signing request/,
    );
  });

  it("gives nothing to a token of another group but its name", async () => {
    await makeToken("dddddd", "system:bootstrappers:other");
    const refused = await join(optionsOf("dddddd")).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(ApiError);
    expect((refused as ApiError).message).toBe(
      'certificatesigningrequests.certificates.k8s.io is forbidden: User "system:bootstrap:dddddd" cannot create resource "certificatesigningrequests" in API group "certificates.k8s.io" at the cluster scope',
    );
  });
});
