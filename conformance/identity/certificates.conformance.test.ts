import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { realClock } from "../../base/clock.ts";
import { silentLogger } from "../../base/log.ts";
import { systemRandom } from "../../base/random.ts";
import { join } from "../../client/bootstrap/join.ts";
import type { NewRequest } from "../../client/bootstrap/node-certificates.ts";
import { publicKeyPin } from "../../client/bootstrap/public-key-pin.ts";
import { tableLines } from "../kubectl/table-text.ts";
import { openStage, type Stage } from "../kubectl/stage.ts";
import { isOwnCluster } from "../target.ts";

const missing = spawnSync("openssl", ["version"]).error !== undefined;

/** With openssl and kubectl, as the documentation tells it. */
describe.skipIf(missing)("certificates through the API", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(36, "certificates");
  });
  afterAll(async () => {
    if (!stage.target.fresh) await stage.kubectl.run(["delete", "csr", "-l", `conformance=${stage.run}`]);
    await stage[Symbol.asyncDispose]();
  });

  const named = (name: string): string => `conformance-${name}-${stage.run}`;
  const openssl = (...words: readonly string[]): string =>
    execFileSync("openssl", words, { cwd: stage.kubectl.home, encoding: "utf8", stdio: "pipe" });
  /** A key and a request of this name in the home folder. */
  function newKey(name: string, subject: string, algorithm: readonly string[] = ["-newkey", "rsa:2048"]): string {
    openssl("req", "-new", ...algorithm, "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    return readFileSync(joinPath(stage.kubectl.home, `${name}.csr`), "utf8");
  }
  const csr = (name: string, request: string, spec: object = {}): string =>
    JSON.stringify({
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name: named(name), labels: { conformance: stage.run } },
      spec: {
        request: Buffer.from(request).toString("base64"),
        signerName: "kubernetes.io/kube-apiserver-client",
        usages: ["client auth"],
        ...spec,
      },
    });
  const create = (...parts: Parameters<typeof csr>): Promise<string> =>
    stage.kubectl.ok(["create", "-f", "-"], { stdin: csr(...parts) });
  const state = async (name: string): Promise<string> =>
    tableLines(await stage.kubectl.ok(["get", "csr", named(name), "--no-headers"]))[0] ?? "";
  async function addUser(name: string, certificate: string): Promise<void> {
    writeFileSync(joinPath(stage.kubectl.home, `${name}.crt`), certificate);
    const files = [`--client-certificate=${name}.crt`, `--client-key=${name}.key`, "--embed-certs"];
    await stage.kubectl.ok(["config", "set-credentials", name, ...files]);
  }
  const issued = (name: string): Promise<string> =>
    stage.kubectl.ok(["get", "csr", named(name), "-o", "go-template={{.status.certificate | base64decode}}"]);
  const untilIssued = (name: string): Promise<string> =>
    stage.kubectl.ok(["wait", "csr", named(name), "--for=jsonpath={.status.certificate}", "--timeout=35s"]);

  test("make a user, who may do in one namespace what a role says, and nothing elsewhere", async () => {
    await create("jane", newKey("jane", "/CN=jane/O=dev"), { expirationSeconds: 86_400 });
    expect(await state("jane")).toMatch(/\| kubernetes\.io\/kube-apiserver-client \| \S+ \| 24h \| Pending$/);
    expect(await stage.kubectl.ok(["certificate", "approve", named("jane")])).toBe(
      `certificatesigningrequest.certificates.k8s.io/${named("jane")} approved\n`,
    );
    await untilIssued("jane");
    expect(await state("jane")).toMatch(/\| Approved,Issued$/);
    await addUser("jane", await issued("jane"));
    const whoami = JSON.parse(await stage.kubectl.ok(["auth", "whoami", "-o", "json", "--user=jane"])) as {
      readonly status: { readonly userInfo: object };
    };
    expect(whoami.status.userInfo).toMatchObject({ username: "jane", groups: ["dev", "system:authenticated"] });
    await stage.ok("create", "role", "reader", "--verb=get,list", "--resource=pods");
    await stage.ok("create", "rolebinding", "jane", "--role=reader", "--user=jane");
    expect(await stage.ok("get", "pods", "--user=jane", "-o", "name")).toBe("");
    expect((await stage.kubectl.exits(1, ["get", "pods", "-n", "default", "--user=jane"])).stderr).toContain(
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    );
  });

  test.each([
    ["ec", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]],
    ["ed25519", ["-newkey", "ed25519"]],
  ])("are signed for keys of kind %s", async (kind, algorithm) => {
    await create(kind, newKey(kind, `/CN=${kind}`, algorithm));
    await stage.kubectl.ok(["certificate", "approve", named(kind)]);
    await untilIssued(kind);
    await addUser(kind, await issued(kind));
    expect(
      await stage.kubectl.ok(["auth", "whoami", `--user=${kind}`, "-o", "jsonpath={.status.userInfo.username}"]),
    ).toBe(kind);
  });

  test("are not signed when they are denied, and a decision stands", async () => {
    await create("denied", newKey("denied", "/CN=denied"));
    await stage.kubectl.ok(["certificate", "deny", named("denied")]);
    expect(await state("denied")).toMatch(/\| Denied$/);
    expect((await stage.kubectl.exits(1, ["certificate", "approve", named("denied")])).stderr).toContain(
      "certificate signing request",
    );
  });

  test("fail when they are for what the signer does not sign", async () => {
    await create("server", newKey("server", "/CN=server"), { usages: ["server auth"] });
    await stage.kubectl.ok(["certificate", "approve", named("server")]);
    await stage.kubectl.ok(["wait", "csr", named("server"), "--for=condition=Failed", "--timeout=35s"]);
    expect(await state("server")).toMatch(/\| Approved,Failed$/);
    expect(await stage.kubectl.ok(["get", "csr", named("server"), "-o", "jsonpath={.status.conditions[1]}"])).toContain(
      '"message":"invalid usage for client certificate: server auth","reason":"SignerValidationFailure"',
    );
  });

  test("are refused for what nobody may have, and for keys that are not the requester's", async () => {
    const refused = async (name: string, request: string): Promise<string> => {
      const { code, stderr } = await stage.kubectl.run(["create", "-f", "-"], { stdin: csr(name, request) });
      expect(code).toBe(1);
      return stderr;
    };
    expect(await refused("masters", newKey("masters", "/CN=x/O=system:masters"))).toContain(
      "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
    );
    const der = Buffer.from(newKey("forged", "/CN=forged").replaceAll(/-----.*-----|\s/g, ""), "base64");
    der.write("jane!!", der.indexOf("forged"));
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    const forged = ["-----BEGIN CERTIFICATE REQUEST-----", ...lines, "-----END CERTIFICATE REQUEST-----", ""].join(
      "\n",
    );
    expect(await refused("forged", forged)).toMatch(
      /spec\.request: Invalid value: "\S+": crypto\/rsa: verification error/,
    );
  });

  test("are approved by who may for their signer, and nobody else", async () => {
    await create("asked", newKey("asked", "/CN=asked"));
    const as = ["--as=approver", "--as-group=system:authenticated"];
    const role = named("approver");
    const rules = [
      { apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests"], verbs: ["get", "list"] },
      { apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests/approval"], verbs: ["update"] },
    ];
    const clusterRole = (more: readonly object[]): string =>
      JSON.stringify({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: role },
        rules: [...rules, ...more],
      });
    await stage.kubectl.ok(["create", "-f", "-"], { stdin: clusterRole([]) });
    try {
      await stage.kubectl.ok(["create", "clusterrolebinding", role, `--clusterrole=${role}`, "--user=approver"]);
      expect((await stage.kubectl.exits(1, ["certificate", "approve", named("asked"), ...as])).stderr).toContain(
        'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
      );
      const signers = {
        apiGroups: ["certificates.k8s.io"],
        resources: ["signers"],
        resourceNames: ["kubernetes.io/*"],
        verbs: ["approve"],
      };
      await stage.kubectl.ok(["replace", "-f", "-"], { stdin: clusterRole([signers]) });
      await stage.kubectl.ok(["certificate", "approve", named("asked"), ...as]);
    } finally {
      await stage.kubectl.run(["delete", "clusterrole,clusterrolebinding", role]);
    }
  });

  test.runIf(isOwnCluster)("are what a machine joins by", async () => {
    const id = "abcdef";
    const stringData = {
      "token-id": id,
      "token-secret": "0123456789abcdef",
      "usage-bootstrap-authentication": "true",
      "usage-bootstrap-signing": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    };
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData,
    };
    await stage.kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(secret) });
    const { clusters } = parse(stage.target.kubeconfig) as {
      readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    };
    const { server = "", "certificate-authority-data": authority = "" } = clusters[0]?.cluster ?? {};
    const newRequest: NewRequest = ({ subject: { commonName, organizations } }) => {
      const subject = `${organizations.map((name) => `/O=${name}`).join("")}/CN=${commonName}`;
      const requestPem = newKey("node", subject, ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
      return { requestPem, keyPem: readFileSync(joinPath(stage.kubectl.home, "node.key"), "utf8") };
    };
    const { client } = await join({
      server,
      joinToken: {
        token: { id, secret: stringData["token-secret"] },
        pin: publicKeyPin(Buffer.from(authority, "base64").toString()),
      },
      nodeName: "joined",
      newRequest,
      ...{ clock: realClock, random: systemRandom, log: silentLogger, signal: new AbortController().signal },
    });
    await addUser("node", client.certPem);
    expect(
      await stage.kubectl.ok(["auth", "whoami", "--user=node", "-o", "jsonpath={.status.userInfo.username}"]),
    ).toBe("system:node:joined");
    await stage.kubectl.ok(["config", "set-credentials", "machine", `--token=${id}.${stringData["token-secret"]}`]);
    expect(
      await stage.kubectl.ok(["auth", "whoami", "--user=machine", "-o", "jsonpath={.status.userInfo.groups}"]),
    ).toBe('["system:bootstrappers","system:bootstrappers:kubeadm:default-node-token","system:authenticated"]');
    await stage.kubectl.ok(["delete", "secret", "-n", "kube-system", `bootstrap-token-${id}`]);
    expect((await stage.kubectl.exits(1, ["auth", "whoami", "--user=machine"])).stderr).toContain("Unauthorized");
  });
});
