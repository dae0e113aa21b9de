import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIssuer, type TestIssuer } from "../../auth/authn/oidc/issuer.testing.ts";
import { realClock } from "../../base/clock.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../../cluster/testing.ts";
import { startHttps, type TestServer } from "../../server/webhook/https-server.testing.ts";
import { createKubectl, type Kubectl } from "../kubectl/kubectl.ts";
import { isOwnCluster } from "../target.ts";

interface Who {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** How people show who they are. Who keeps a cluster has chosen that already: this is for one of our own. */
describe.skipIf(!isOwnCluster)("authentication", () => {
  let folder: string;
  let outside: TestServer;
  let issuer: TestIssuer;
  let cluster: TestCluster;
  let admin: Kubectl;
  const others: Kubectl[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "authentication-"));
    outside = await startHttps(({ url }) => {
      const body = issuer.answer(url);
      return body === undefined ? { status: 404 } : { body };
    });
    issuer = createIssuer(outside.url, () => realClock.now());
    const [tokenAuthFile, caFile] = [join(folder, "tokens.csv"), join(folder, "issuer.pem")];
    await writeFile(tokenAuthFile, 's3cret,joe,u-2,"dev,ops"\n');
    await writeFile(caFile, Buffer.from(outside.caBundle, "base64"));
    const oidc = { issuerUrl: outside.url, clientId: "wherry", caFile, groupsClaim: "groups", signingAlgs: ["ES256"] };
    cluster = await createCluster({
      ...apiServerOnly,
      authentication: { tokenAuthFile, oidc: { ...oidc, usernamePrefix: "oidc:", groupsPrefix: "oidc:" } },
    });
    admin = await createKubectl(36, cluster.kubeconfig);
    const rules = ["--verb=impersonate", "--resource=users,groups,serviceaccounts"];
    await admin.ok(["create", "clusterrole", "impersonator", ...rules]);
    await admin.ok(["create", "clusterrolebinding", "impersonator", "--clusterrole=impersonator", "--user=joe"]);
  }, 120_000);
  afterAll(async () => {
    for (const kubectl of [admin, ...others]) await kubectl[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    await outside[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** A kubectl that knows the server, and shows these credentials. */
  async function kubectlOf(user: object): Promise<Kubectl> {
    const config = parse(cluster.kubeconfig) as Record<string, unknown> & { users: { name: string }[] };
    const users = config.users.map(({ name }) => ({ name, user }));
    const kubectl = await createKubectl(36, stringify({ ...config, users }));
    others.push(kubectl);
    return kubectl;
  }

  async function whoami(kubectl: Kubectl, ...args: readonly string[]): Promise<Who> {
    const review = JSON.parse(await kubectl.ok(["auth", "whoami", "-o", "json", ...args])) as {
      readonly status: { readonly userInfo: Who };
    };
    return review.status.userInfo;
  }

  async function refused(kubectl: Kubectl, ...args: readonly string[]): Promise<string> {
    return (await kubectl.exits(1, args)).stderr;
  }

  /** Without a look at what the server has, which kubectl may not do as everybody. */
  const pods = ["get", "--raw", "/api/v1/namespaces/default/pods"] as const;
  const joe: Who = { username: "joe", uid: "u-2", groups: ["dev", "ops", "system:authenticated"] };

  test("by a client certificate", async () => {
    expect(await whoami(admin)).toEqual({
      username: "kubernetes-admin",
      groups: ["system:masters", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
    const table = (await admin.ok(["auth", "whoami"])).split("\n");
    expect(table[0]).toMatch(/^ATTRIBUTE +VALUE$/);
    expect(table[1]).toMatch(/^Username +kubernetes-admin$/);
    expect(table[2]).toMatch(/^Groups +\[system:masters system:authenticated\]$/);
  });

  test("by a token of a file", async () => {
    expect(await whoami(await kubectlOf({ token: "s3cret" }))).toEqual(joe);
  });

  test("by what another program prints", async () => {
    const command = join(folder, "login.sh");
    const status = { token: "s3cret" };
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
    await writeFile(command, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`, { mode: 0o700 });
    const exec = { apiVersion: credential.apiVersion, command, interactiveMode: "Never" };
    expect(await whoami(await kubectlOf({ exec }))).toEqual(joe);
  });

  test("by a token of an issuer", async () => {
    const token = issuer.sign({ groups: ["dev"], jti: "t-1" });
    const jane = { username: "oidc:jane", groups: ["oidc:dev", "system:authenticated"] };
    expect(await whoami(await kubectlOf({ token }))).toEqual({
      ...jane,
      extra: { "authentication.kubernetes.io/credential-id": ["JTI=t-1"] },
    });
    expect(await refused(await kubectlOf({ token: issuer.sign({ aud: "other" }) }), "auth", "whoami")).toBe(
      "error: You must be logged in to the server (Unauthorized)\n",
    );
  });

  test.each([
    ["an unknown token", { token: "guess" }],
    ["an issuer's token that nobody signed", { token: "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL3gifQ." }],
  ])("not by %s", async (_what, user) => {
    const kubectl = await kubectlOf(user);
    for (const args of [
      ["get", "pods"],
      ["auth", "whoami"],
      ["get", "--raw", "/version"],
    ])
      expect(await refused(kubectl, ...args)).toContain("You must be logged in to the server");
  });

  test("nobody may look around a little", async () => {
    // Passwords are nothing that the server knows, and no refusal either.
    const nobody = await kubectlOf({ username: "jane", password: "p" });
    expect(await nobody.ok(["get", "--raw", "/livez"])).toBe("ok");
    expect(await refused(nobody, ...pods)).toBe(
      'Error from server (Forbidden): pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"\n',
    );
  });

  test("as somebody else, in every respect", async () => {
    const as = ["--as=jürgen", "--as-group=a, b", "--as-group=c", "--as-uid=u-9", "--as-user-extra=acme.io/Team=x"];
    expect(await whoami(admin, ...as)).toEqual({
      username: "jürgen",
      uid: "u-9",
      groups: ["a, b", "c", "system:authenticated"],
      extra: { "acme.io/team": ["x"] },
    });
    expect(await whoami(admin, "--as=system:serviceaccount:default:default")).toEqual({
      username: "system:serviceaccount:default:default",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    });
  });

  test("as somebody else, as far as that is allowed", async () => {
    const kubectl = await kubectlOf({ token: "s3cret" });
    expect(await whoami(kubectl, "--as=kubernetes-admin", "--as-group=dev")).toEqual({
      username: "kubernetes-admin",
      groups: ["dev", "system:authenticated"],
    });
    expect(await refused(kubectl, ...pods, "--as=ann", "--as-uid=u")).toContain(
      'uids.authentication.k8s.io "u" is forbidden: User "joe" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
    );
    const jane = await kubectlOf({ token: issuer.sign() });
    expect(await refused(jane, ...pods, "--as=kubernetes-admin")).toContain(
      'pods is forbidden: User "oidc:jane" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
    );
    expect(await refused(admin, "get", "pods", "--as-group=dev")).toContain("without impersonating a user");
  });
});
