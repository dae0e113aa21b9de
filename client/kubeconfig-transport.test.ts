import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { ApiRequest } from "../api/wire.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { bytes, type Loopback, loopback, shownCertificate } from "../server/http/loopback.testing.ts";
import { call } from "./call.ts";
import type { HttpsTransport } from "./https/https-transport.ts";
import { inClusterTransport } from "./in-cluster-transport.ts";
import { transportOfKubeconfig, transportOfKubeconfigFile } from "./kubeconfig-transport.ts";

let loop: Loopback;
let folder: string;
beforeEach(async () => {
  loop = await loopback(({ headers, peer }: ApiRequest) =>
    Promise.resolve(bytes(JSON.stringify({ headers, certificate: shownCertificate(peer) }))),
  );
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
});
afterEach(async () => {
  await loop[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Seen {
  readonly headers: Record<string, string>;
  readonly certificate?: { readonly subject: string };
}

async function seen(made: Promise<HttpsTransport>): Promise<Seen> {
  await using https = await made;
  return await call<Seen>(https.transport, { method: "GET", url: "/" });
}

const server = (): string => `https://127.0.0.1:${loop.server.port}`;
const base64 = (value: string): string => Buffer.from(value).toString("base64");
function config(user: object, cluster: object = {}): object {
  const trusted = { server: server(), "certificate-authority-data": base64(loop.pki.ca.certPem), ...cluster };
  return {
    clusters: [{ name: "c", cluster: trusted }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
}

describe("a kubeconfig", () => {
  it("may hold a certificate", async () => {
    const { certPem, keyPem } = loop.pki.clients.admin;
    const path = join(folder, "config");
    const user = { "client-certificate-data": base64(certPem), "client-key-data": base64(keyPem) };
    await writeFile(path, stringify(config(user)));
    expect((await seen(transportOfKubeconfigFile(path))).certificate?.subject).toContain("CN=kubernetes-admin");
  });

  it("may name files, beside itself", async () => {
    await writeFile(join(folder, "ca.pem"), loop.pki.ca.certPem);
    await writeFile(join(folder, "cert.pem"), loop.pki.clients.admin.certPem);
    await writeFile(join(folder, "key.pem"), loop.pki.clients.admin.keyPem);
    const user = { "client-certificate": "cert.pem", "client-key": "key.pem" };
    const cluster = { "certificate-authority-data": undefined, "certificate-authority": "ca.pem" };
    const path = join(folder, "config");
    await writeFile(path, JSON.stringify(config(user, cluster)));
    expect((await seen(transportOfKubeconfigFile(path))).certificate?.subject).toContain("CN=kubernetes-admin");
  });

  it.each([
    ["a token", { token: "abc" }, { authorization: "Bearer abc" }],
    ["a name and a password", { username: "a", password: "b" }, { authorization: "Basic YTpi" }],
    [
      "somebody to act as",
      { token: "abc", as: "jane", "as-uid": "7", "as-groups": ["g", "h"], "as-user-extra": { "a/B": ["c"] } },
      {
        "impersonate-user": "jane",
        "impersonate-uid": "7",
        "impersonate-group": "g, h",
        "impersonate-extra-a%2fb": "c",
      },
    ],
  ])("may have %s", async (_what, user, headers) => {
    expect((await seen(transportOfKubeconfig(config(user)))).headers).toMatchObject(headers);
  });

  it("may have no user at all, and trust anybody", async () => {
    const cluster = { "certificate-authority-data": "", "insecure-skip-tls-verify": true };
    const { headers, certificate } = await seen(transportOfKubeconfig(config({}, cluster)));
    expect([headers["authorization"], certificate]).toEqual([undefined, undefined]);
  });

  it("has a token in a file read again each minute", async () => {
    const file = join(folder, "token");
    await writeFile(file, "one\n");
    const timers = new SimulatedClock(0, () => Promise.resolve());
    await using https = await transportOfKubeconfig(config({ tokenFile: "token", token: "no" }), { folder, timers });
    const token = async (): Promise<string | undefined> =>
      (await call<Seen>(https.transport, { method: "GET", url: "/" })).headers["authorization"];
    expect(await token()).toBe("Bearer one");
    await writeFile(file, "two\n");
    expect(await token()).toBe("Bearer one");
    timers.jump(60_000);
    expect(await token()).toBe("Bearer two");
    await rm(file);
    timers.jump(60_000);
    expect(await token()).toBe("Bearer two");
  });

  it.each<[string, object, object, string]>([
    ["a plugin", { exec: { command: "aws" } }, {}, "user u gets its credentials by exec, which is not supported"],
    ["half a certificate", { "client-key-data": "eA==" }, {}, "client-certificate and client-key both"],
    ["no server", {}, { server: "" }, "the cluster has no server"],
    ["a proxy", {}, { "proxy-url": "http://x" }, "proxy-url is not supported"],
    ["trust in all and in one", {}, { "insecure-skip-tls-verify": true }, "exclude each other"],
  ])("is refused for %s", async (_what, user, cluster, message) => {
    await expect(transportOfKubeconfig(config(user, cluster))).rejects.toThrow(message);
  });

  it("is refused for names that lead nowhere", async () => {
    await expect(transportOfKubeconfig(config({}), { context: "y" })).rejects.toThrow(
      "there is no context y in its contexts",
    );
    await expect(transportOfKubeconfig({})).rejects.toThrow("it has no current-context");
    const path = join(folder, "config");
    await writeFile(path, "current-context: __proto__\n");
    await expect(transportOfKubeconfigFile(path)).rejects.toThrow(`${path}: there is no context __proto__`);
  });
});

describe("a pod's view of the API", () => {
  it("is by its service account", async () => {
    await writeFile(join(folder, "token"), "abc");
    await writeFile(join(folder, "ca.crt"), loop.pki.ca.certPem);
    const environment = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(loop.server.port) };
    const { headers } = await seen(inClusterTransport({ environment, folder }));
    expect(headers["authorization"]).toBe("Bearer abc");
  });

  it("is nothing outside of a pod", async () => {
    await expect(inClusterTransport({ environment: {} })).rejects.toThrow("this is no pod of a cluster");
  });
});
