import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIssuer, type TestIssuer } from "../../auth/authn/oidc/issuer.testing.ts";
import { realClock } from "../../base/clock.ts";
import type { Credential } from "../../certs/credential.ts";
import { createCertificateAuthority, issueCertificate } from "../../certs/issue-certificate.ts";
import { configMaps } from "../../client/resource-types.ts";
import { startHttps, type TestServer } from "../../server/webhook/https-server.testing.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../testing.ts";
import type { AuthenticationChoices } from "./authentication-choices.ts";

interface Sent {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly client?: Credential;
  readonly path?: string;
}

interface Who {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const now = new Date(realClock.now());
const lifetimeMs = 3_600_000;
const clients = createCertificateAuthority({ commonName: "clients", now, lifetimeMs });
const proxies = createCertificateAuthority({ commonName: "proxies", now, lifetimeMs });
const client = (commonName: string, authority: Credential, ...organizations: string[]): Credential =>
  issueCertificate({ authority, subject: { commonName, organizations }, usage: "client", now, lifetimeMs });

let folder: string;
let cluster: TestCluster;
let outside: TestServer;
let issuer: TestIssuer;
const reviewed: unknown[] = [];

const file = async (name: string, content: string | object): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

function review(body: string): object {
  const { apiVersion, kind, spec } = JSON.parse(body) as { apiVersion: string; kind: string; spec: { token: string } };
  reviewed.push(spec);
  const user = { username: "hooked", groups: ["ops"] };
  return { apiVersion, kind, status: { authenticated: spec.token === "known", user } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
  outside = await startHttps(({ url, body }) => {
    if (url === "/review") return { body: review(body.toString()) };
    const document = issuer.answer(url);
    return document === undefined ? { status: 404 } : { body: document };
  });
  issuer = createIssuer(outside.url, () => realClock.now());
  const ca = Buffer.from(outside.caBundle, "base64").toString();
  cluster = await createCluster({
    ...apiServerOnly,
    authentication: {
      clientCaFile: await file("clients.pem", clients.certPem),
      tokenAuthFile: await file("tokens.csv", 'static,joe,u-2,"dev,ops"\n'),
      requestHeader: { clientCaFile: await file("proxies.pem", proxies.certPem), allowedNames: ["edge"] },
      configFile: await file("authentication.yaml", {
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "AuthenticationConfiguration",
        anonymous: { enabled: true, conditions: [{ path: "/livez" }] },
        jwt: [
          {
            issuer: { url: outside.url, audiences: ["wherry"], certificateAuthority: ca },
            claimMappings: { username: { claim: "sub", prefix: "oidc:" }, groups: { expression: "claims.roles" } },
          },
        ],
      }),
      webhook: {
        configFile: await file("webhook.yaml", {
          "current-context": "c",
          contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
          clusters: [
            { name: "c", cluster: { server: `${outside.url}/review`, "certificate-authority-data": outside.caBundle } },
          ],
          users: [{ name: "u", user: { token: "secret" } }],
        }),
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function caPem(): string {
  const config = parse(cluster.kubeconfig) as { clusters: { cluster: { "certificate-authority-data": string } }[] };
  return Buffer.from(config.clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64").toString();
}

async function send({ headers = {}, client: own, path }: Sent): Promise<{ status: number; body: string }> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const sent = request({
    host: "127.0.0.1",
    port: cluster.port,
    ca: caPem(),
    agent: false,
    ...(path === undefined
      ? { method: "POST", path: "/apis/authentication.k8s.io/v1/selfsubjectreviews" }
      : { method: "GET", path }),
    headers: { "content-type": "application/json", ...headers },
    ...(own === undefined ? {} : { cert: own.certPem, key: own.keyPem }),
  });
  sent.end(path === undefined ? JSON.stringify(review) : undefined);
  return new Promise((resolve, reject) => {
    sent.on("error", reject).on("response", (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
  });
}

/** Whom the server takes the sender for; a text when it refuses. */
async function who(sent: Sent): Promise<Who | string> {
  const { status, body } = await send(sent);
  if (status !== 201) return `${status} ${(JSON.parse(body) as { message: string }).message}`;
  const { username, uid, groups, extra } = (JSON.parse(body) as { status: { userInfo: Who } }).status.userInfo;
  return { username, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

const bearer = (token: string): Sent => ({ headers: { authorization: `Bearer ${token}` } });
const remote = { "x-remote-user": "ann", "x-remote-group": ["a, b", "c"], "x-remote-extra-acme.io%2fid": "1" };

describe("who asks is known by", () => {
  it("a certificate of the file's authority", async () => {
    expect(await who({ client: client("jane", clients, "dev") })).toMatchObject({
      username: "jane",
      groups: ["dev", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
  });

  it("a token of the file", async () => {
    expect(await who(bearer("static"))).toEqual({
      username: "joe",
      uid: "u-2",
      groups: ["dev", "ops", "system:authenticated"],
    });
  });

  it("a token of the issuer", async () => {
    expect(await who(bearer(issuer.sign({ roles: ["a", "b"] })))).toEqual({
      username: "oidc:jane",
      groups: ["a", "b", "system:authenticated"],
    });
  });

  it("a token that the webhook knows", async () => {
    expect(await who(bearer("known"))).toEqual({ username: "hooked", groups: ["ops", "system:authenticated"] });
    expect(reviewed).toEqual([{ token: "known", audiences: ["https://kubernetes.default.svc.cluster.local"] }]);
    const asked = outside.received.find(({ url }) => url === "/review");
    expect(asked?.headers["authorization"]).toBe("Bearer secret");
  });

  it("a proxy of either authority", async () => {
    const ann = {
      username: "ann",
      groups: ["a, b", "c", "system:authenticated"],
      extra: { "acme.io/id": ["1"] },
    };
    expect(await who({ client: client("edge", proxies), headers: remote })).toEqual(ann);
    expect(await who({ client: client("front-proxy-client", proxies), headers: remote })).toEqual(ann);
  });

  it("a token, although its certificate is good for nothing", async () => {
    const stranger = createCertificateAuthority({ commonName: "stranger", now, lifetimeMs });
    expect(await who({ ...bearer("static"), client: client("jane", stranger) })).toMatchObject({ username: "joe" });
  });
});

it("tells extension servers whom they may believe", async () => {
  const name = { namespace: "kube-system", name: "extension-apiserver-authentication" };
  const { data = {} } = await cluster.client.get(configMaps, name);
  expect(data).toMatchObject({
    "requestheader-allowed-names": '["front-proxy-client","edge"]',
    "requestheader-username-headers": '["X-Remote-User"]',
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
  });
  const bundle = (key: string): number => data[key]?.match(/BEGIN CERTIFICATE/g)?.length ?? 0;
  expect([bundle("client-ca-file"), bundle("requestheader-client-ca-file")]).toEqual([2, 2]);
});

describe("who asks is not known", () => {
  const stranger = createCertificateAuthority({ commonName: "stranger", now, lifetimeMs });
  it.each<[string, () => Sent]>([
    ["by nothing", () => ({})],
    ["by nothing but a password", () => ({ headers: { authorization: "Basic amFuZTpwYXNz" } })],
    ["by an unknown token", () => bearer("unknown")],
    ["by an issuer's token for others", () => bearer(issuer.sign({ aud: "other" }))],
    ["by headers alone", () => ({ headers: remote })],
    ["by a stranger's certificate", () => ({ client: client("jane", stranger) })],
    ["by headers of a proxy with another name", () => ({ client: client("jane", proxies), headers: remote })],
    ["by headers of a stranger", () => ({ client: client("edge", stranger), headers: remote })],
    ["by a proxy that names nobody", () => ({ client: client("edge", proxies) })],
    ["by a bad token, not even where nobody needs to be known", () => ({ ...bearer("unknown"), path: "/livez" })],
  ])("%s", async (_what, sent) => {
    const { status, body } = await send(sent());
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({
      status: 401,
      body: {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: "Unauthorized",
        reason: "Unauthorized",
        code: 401,
      },
    });
  });

  it("where nobody needs to be", async () => {
    expect(await send({ path: "/livez" })).toEqual({ status: 200, body: "ok" });
    expect((await send({ path: "/readyz" })).status).toBe(401);
  });

  it("by headers that a client sends besides its certificate", async () => {
    expect(await who({ client: client("jane", clients), headers: remote })).toMatchObject({ username: "jane" });
  });
});

describe("a choice that makes no sense is told before anything starts", () => {
  const start = (authentication: AuthenticationChoices): Promise<unknown> =>
    createCluster({ ...apiServerOnly, authentication }).then((made) => made[Symbol.asyncDispose]());

  it.each<[() => Promise<AuthenticationChoices>, string]>([
    [
      async () => ({ clientCaFile: await file("bad.pem", "no certificate") }),
      "data does not contain any valid RSA or ECDSA certificates",
    ],
    [async () => ({ clientCaFile: join(folder, "none") }), "none cannot be read (ENOENT)"],
    [async () => ({ tokenAuthFile: await file("bad.csv", "a,b") }), "must have at least 3 columns"],
    [
      async () => ({ configFile: await file("bad.yaml", "kind: X") }),
      "--authentication-config FOLDER/bad.yaml: Object 'apiVersion' is missing",
    ],
    [
      async () => ({ configFile: join(folder, "authentication.yaml"), anonymousAuth: true }),
      "--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file",
    ],
    [
      async () => ({ configFile: join(folder, "authentication.yaml"), oidc: { clientId: "x" } }),
      "authentication-config file and oidc-* flags are mutually exclusive",
    ],
    [async () => ({ oidc: { clientId: "x" } }), "oidc-issuer-url and oidc-client-id must be specified together"],
    [
      async () => ({ oidc: { clientId: "x", issuerUrl: "http://x" } }),
      'jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https',
    ],
    [
      async () => ({ oidc: { clientId: "x", issuerUrl: "https://x", signingAlgs: ["HS256"] } }),
      'unsupported signing alg: "HS256"',
    ],
    [
      async () => ({ oidc: { clientId: "x", issuerUrl: "https://x", requiredClaims: ["hd"] } }),
      "--oidc-required-claim: hd is not of the form claim=value",
    ],
    [
      async () => ({ webhook: { configFile: join(folder, "webhook.yaml"), version: "v2" } }),
      'unsupported authentication webhook version "v2"',
    ],
    [async () => ({ requestHeader: { groupHeaders: [" "] } }), 'empty value in "requestheader-group-headers"'],
    [
      async () => ({
        clientCaFile: join(folder, "clients.pem"),
        requestHeader: { clientCaFile: join(folder, "clients.pem") },
      }),
      "--requestheader-client-ca-file and --client-ca-file contain overlapping certificates",
    ],
  ])("%#", async (choose, message) => {
    await expect(start(await choose())).rejects.toThrow(message.replace("FOLDER", folder));
  });
});
