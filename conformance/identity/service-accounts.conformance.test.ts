import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { createKubectl, type Kubectl } from "../kubectl/kubectl.ts";
import { openStage, type Stage } from "../kubectl/stage.ts";

/** What users of service accounts do by hand: tokens, what they are bound to, and the pods that find theirs. */
describe("a service account", () => {
  let stage: Stage;
  const bearers: Kubectl[] = [];
  beforeAll(async () => {
    stage = await openStage(36, "service-accounts");
  }, 60_000);
  afterAll(async () => {
    for (const bearer of bearers) await bearer[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  /** A kubectl that knows the server, and has nothing but the token. */
  async function bearer(token: string): Promise<(...args: readonly string[]) => Promise<string>> {
    const config = parse(stage.target.kubeconfig) as Record<string, unknown> & { users: { name: string }[] };
    const users = config.users.map(({ name }) => ({ name, user: { token: token.trim() } }));
    const kubectl = await createKubectl(36, stringify({ ...config, users }));
    bearers.push(kubectl);
    return async (...args) => {
      const { code, stdout, stderr } = await kubectl.run([...args, "-n", stage.namespace]);
      return code === 0 ? stdout : stderr;
    };
  }

  const whoami = ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"] as const;

  test("is who its token says, may what its role allows, and is nobody once it is gone", async () => {
    await stage.ok("create", "serviceaccount", "robot");
    const robot = await bearer(await stage.ok("create", "token", "robot"));
    const name = `system:serviceaccount:${stage.namespace}:robot`;
    expect(await robot(...whoami)).toBe(name);
    expect(await robot("get", "pods")).toContain(
      `pods is forbidden: User "${name}" cannot list resource "pods" in API group "" in the namespace "${stage.namespace}"`,
    );
    await stage.ok("create", "rolebinding", "robot", "--clusterrole=view", `--serviceaccount=${stage.namespace}:robot`);
    await expect.poll(() => robot("get", "pods", "-o", "name")).toBe("");
    expect(await robot("get", "secrets")).toContain("forbidden");
    await stage.ok("delete", "serviceaccount", "robot");
    expect(await robot(...whoami)).toContain("You must be logged in to the server");
    await stage.ok("create", "serviceaccount", "robot");
    expect(await robot(...whoami)).toContain("You must be logged in to the server");
  });

  test("gets tokens for as long and for whom it is asked", async () => {
    const claims = (token: string): Record<string, unknown> & { exp: number; iat: number } =>
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown> & {
        exp: number;
        iat: number;
      };
    const long = claims(await stage.ok("create", "token", "default", "--duration=2h"));
    expect(long.exp - long.iat).toBe(7200);
    const vault = await stage.ok("create", "token", "default", "--audience=vault");
    expect(claims(vault)).toMatchObject({ aud: ["vault"] });
    const stranger = await bearer(vault);
    expect(await stranger(...whoami)).toContain("You must be logged in to the server");
    expect(await stage.refused("create", "token", "default", "--duration=5m")).toContain(
      "may not specify a duration less than 10 minutes",
    );
    expect(await stage.refused("create", "token", "nobody")).toContain('serviceaccounts "nobody" not found');
  });

  test("has tokens that go with a secret", async () => {
    await stage.ok("create", "secret", "generic", "lease");
    const bound = ["--bound-object-kind=Secret", "--bound-object-name=lease"];
    const holder = await bearer(await stage.ok("create", "token", "default", ...bound));
    expect(await holder(...whoami)).toBe(`system:serviceaccount:${stage.namespace}:default`);
    await stage.ok("delete", "secret", "lease");
    expect(await holder(...whoami)).toContain("You must be logged in to the server");
    expect(await stage.refused("create", "token", "default", ...bound)).toContain('secrets "lease" not found');
  });

  test("has a token in every pod of its own, which tells the pod", async () => {
    await stage.ok("run", "web", "--image=nginx");
    const pod = await stage.json("get", "pod", "web");
    expect(pod).toMatchObject({
      spec: {
        serviceAccountName: "default",
        serviceAccount: "default",
        containers: [
          {
            volumeMounts: [
              {
                name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/) as string,
                readOnly: true,
                mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
              },
            ],
          },
        ],
        volumes: [
          { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3607 } }, {}, {}] } },
        ],
      },
    });
    const { uid } = pod.metadata as { readonly uid?: string };
    const bound = ["--bound-object-kind=Pod", "--bound-object-name=web", `--bound-object-uid=${uid ?? ""}`];
    const inside = await bearer(await stage.ok("create", "token", "default", ...bound));
    const { status } = JSON.parse(await inside("auth", "whoami", "-o", "json")) as {
      readonly status: { readonly userInfo: { readonly extra: Record<string, readonly string[]> } };
    };
    expect(status.userInfo.extra["authentication.kubernetes.io/pod-name"]).toEqual(["web"]);
    await stage.ok("delete", "pod", "web", "--now", "--wait");
    expect(await inside(...whoami)).toContain("You must be logged in to the server");
  });

  test("must be there for a pod", async () => {
    const overrides = JSON.stringify({ spec: { serviceAccountName: "nobody" } });
    expect(await stage.refused("run", "lost", "--image=nginx", `--overrides=${overrides}`)).toContain(
      `pods "lost" is forbidden: error looking up service account ${stage.namespace}/nobody: serviceaccount "nobody" not found`,
    );
  });

  test("gets a token in a secret where somebody asks for one", async () => {
    await stage.ok("create", "serviceaccount", "old");
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "old-token",
        namespace: stage.namespace,
        annotations: { "kubernetes.io/service-account.name": "old" },
      },
      type: "kubernetes.io/service-account-token",
    };
    await stage.kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(secret) });
    await stage.ok("wait", "--for=jsonpath={.data.token}", "secret/old-token", "--timeout=30s");
    const { data } = (await stage.json("get", "secret", "old-token")) as { readonly data?: Record<string, string> };
    const old = await bearer(Buffer.from(data?.["token"] ?? "", "base64").toString());
    expect(await old(...whoami)).toBe(`system:serviceaccount:${stage.namespace}:old`);
    await stage.ok("delete", "serviceaccount", "old");
    await stage.ok("wait", "--for=delete", "secret/old-token", "--timeout=30s");
    expect(await old(...whoami)).toContain("You must be logged in to the server");
  });

  test("can be checked by others", async () => {
    const configuration = JSON.parse(await stage.ok("get", "--raw", "/.well-known/openid-configuration")) as object;
    expect(configuration).toMatchObject({ jwks_uri: expect.stringContaining("/openid/v1/jwks") as string });
    // Everybody who is no account needs to be allowed it.
    const inside = await bearer(await stage.ok("create", "token", "default"));
    expect(await inside("get", "--raw", "/openid/v1/jwks")).toContain('"use":"sig"');
  });
});
