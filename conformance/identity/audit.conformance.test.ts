import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiServerOnly, createCluster, type TestCluster } from "../../cluster/testing.ts";
import { createKubectl, type Kubectl } from "../kubectl/kubectl.ts";

interface AuditLine {
  readonly level: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username?: string; readonly groups?: readonly string[] };
  readonly impersonatedUser?: { readonly username?: string };
  readonly userAgent?: string;
  readonly sourceIPs?: readonly string[];
  readonly objectRef?: { readonly resource?: string; readonly name?: string; readonly namespace?: string };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  readonly requestObject?: { readonly data?: object };
  readonly responseObject?: { readonly kind?: string; readonly data?: object };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** As a cluster's administrator would write it: most of it in little, some of it whole, and no noise. */
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- level: None
  users: ["system:apiserver"]
- level: None
  nonResourceURLs: ["/openapi*", "/api*", "/version"]
- level: RequestResponse
  resources: [{group: "", resources: [configmaps, secrets]}]
  namespaces: [default]
- level: Request
  verbs: [create]
  resources: [{group: apps, resources: ["*"]}]
- level: Metadata
`;

describe("what kubectl does, as the audit log tells it", () => {
  let folder: string;
  let cluster: TestCluster;
  let kubectl: Kubectl;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "conformance-audit-"));
    await writeFile(join(folder, "policy.yaml"), policy);
    const audit = { policyFile: join(folder, "policy.yaml"), log: { path: join(folder, "audit.log") } };
    cluster = await createCluster({ ...apiServerOnly, audit });
    kubectl = await createKubectl(36, cluster.kubeconfig);
  });
  afterAll(async () => {
    await kubectl[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function lines(): Promise<readonly AuditLine[]> {
    const text = await readFile(join(folder, "audit.log"), "utf8");
    // The last one may be on its way.
    const whole = text.split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as AuditLine);
  }
  /** What the log has more after some work. */
  async function during(work: () => Promise<unknown>): Promise<readonly AuditLine[]> {
    const before = (await lines().catch(() => [])).length;
    await work();
    return (await lines()).slice(before);
  }

  it("an object is made, read and taken away", async () => {
    const told = await during(async () => {
      await kubectl.ok(["create", "configmap", "a", "--from-literal=x=1"]);
      await kubectl.ok(["get", "configmap", "a", "-o", "yaml"]);
      await kubectl.ok(["delete", "configmap", "a", "--wait=false"]);
    });
    expect(
      told.map(({ verb, stage, objectRef, responseStatus }) => [verb, stage, objectRef?.name, responseStatus?.code]),
    ).toEqual([
      ["create", "ResponseComplete", "a", 201],
      ["get", "ResponseComplete", "a", 200],
      ["delete", "ResponseComplete", "a", 200],
    ]);
    const [made] = told;
    expect(made).toMatchObject({
      level: "RequestResponse",
      user: { username: "kubernetes-admin" },
      userAgent: expect.stringMatching(/^kubectl\/v1\.36/),
      sourceIPs: ["127.0.0.1"],
      requestURI: expect.stringContaining("/api/v1/namespaces/default/configmaps?fieldManager=kubectl-create"),
      requestObject: { data: { x: "1" } },
      responseObject: { kind: "ConfigMap", data: { x: "1" } },
      annotations: { "authorization.k8s.io/decision": "allow" },
    });
    expect(JSON.stringify(told)).not.toContain("managedFields");
  });

  it("a secret is made, and stays one", async () => {
    await during(() => kubectl.ok(["create", "secret", "generic", "s", "--from-literal=password=open-sesame"]));
    await during(() => kubectl.ok(["get", "secrets", "-o", "yaml"]));
    await during(() =>
      kubectl.ok(["apply", "-f", "-"], {
        stdin: JSON.stringify({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "t" },
          stringData: { p: "open-sesame" },
        }),
      }),
    );
    const text = await readFile(join(folder, "audit.log"), "utf8");
    expect(text).toContain('"password":"REDACTED"');
    for (const hidden of ["open-sesame", Buffer.from("open-sesame").toString("base64")])
      expect(text).not.toContain(hidden);
  });

  it("somebody is refused, in another's name", async () => {
    const [told] = await during(() => kubectl.exits(1, ["get", "nodes", "--as=jane", "--as-group=developers"]));
    expect(told).toMatchObject({
      level: "Metadata",
      verb: "list",
      user: { username: "kubernetes-admin" },
      impersonatedUser: { username: "jane" },
      objectRef: { resource: "nodes" },
      responseStatus: { code: 403, reason: "Forbidden" },
      annotations: { "authorization.k8s.io/decision": "forbid" },
    });
  });

  it("of a deployment what was asked for is told, and not what was answered", async () => {
    const [told] = await during(() => kubectl.ok(["create", "deployment", "web", "--image=registry.example/web:1"]));
    expect(told).toMatchObject({ level: "Request", objectRef: { resource: "deployments", name: "web" } });
    expect(JSON.stringify(told?.requestObject)).toContain("registry.example/web:1");
    expect(told?.responseObject).toBeUndefined();
  });

  it("a watch begins and ends", async () => {
    const watched = async (wanted: string): Promise<void> => {
      while (!(await lines()).some(({ verb, stage }) => verb === "watch" && stage === wanted))
        await new Promise((resolve) => setImmediate(resolve));
    };
    await kubectl.ok(["create", "configmap", "late", "--from-literal=x=0"]);
    const told = await during(async () => {
      const waiting = kubectl.run(["wait", "--for=jsonpath={.data.x}=1", "configmap/late", "--timeout=60s"]);
      await watched("ResponseStarted");
      await kubectl.ok(["patch", "configmap", "late", "-p", '{"data":{"x":"1"}}']);
      expect((await waiting).code).toBe(0);
      await watched("ResponseComplete");
    });
    const watches = told.filter(({ verb }) => verb === "watch").map(({ stage }) => stage);
    expect(watches).toEqual(["ResponseStarted", "ResponseComplete"]);
  });
});
