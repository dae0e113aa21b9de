import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNamespace, openStage, type Stage } from "../kubectl/stage.ts";
import type { Outcome } from "../program.ts";

/** The plugins that every cluster has on, as kubectl meets them. */
describe("built-in admission", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(36, "admission");
  });
  afterAll(async () => {
    await stage.kubectl.run(["delete", "priorityclass", "-l", `conformance=${stage.run}`]);
    await stage.kubectl.run(["delete", "namespace", "-l", `conformance=${stage.run}`, "--wait=false"]);
    await stage[Symbol.asyncDispose]();
  });

  /** Each test has one: quotas and ranges are for a whole namespace. */
  async function namespace(name: string, ...labels: readonly string[]): Promise<string> {
    const full = `${stage.namespace}-${name}`;
    await createNamespace(stage.kubectl, full);
    await stage.kubectl.ok(["label", "namespace", full, `conformance=${stage.run}`, ...labels]);
    return full;
  }
  const create = (where: string, one: object, ...args: readonly string[]): Promise<Outcome> =>
    stage.kubectl.run(["create", "-n", where, "-f", "-", ...args], { stdin: JSON.stringify(one) });
  /** What follows the place of the manifest in kubectl's words. */
  const refusal = async (where: string, one: object): Promise<string> => {
    const { code, stderr } = await create(where, one);
    expect(code).toBe(1);
    return stderr.replace(/^Error from server \((\w+)\): error when creating "STDIN": (.*)\n$/s, "$1: $2");
  };
  const pod = (name: string, spec: object = {}, container: object = {}): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      schedulerName: "conformance.example",
      containers: [{ name: "app", image: "registry.example/app:1", ...container }],
      ...spec,
    },
  });
  const resources = (cpu: string, limit?: string): object => ({
    resources: { requests: { cpu }, ...(limit === undefined ? {} : { limits: { cpu: limit } }) },
  });

  test("ResourceQuota counts and forbids", async () => {
    const where = await namespace("quota");
    await stage.kubectl.ok(["create", "quota", "few", "-n", where, "--hard=secrets=1,pods=2,requests.cpu=1"]);
    await stage.kubectl.ok(["wait", "--for=jsonpath={.status.used.pods}=0", "quota/few", "-n", where]);
    const secret = (name: string): object => ({ apiVersion: "v1", kind: "Secret", metadata: { name } });
    expect((await create(where, secret("one"), "--dry-run=server")).code).toBe(0);
    expect((await create(where, secret("one"))).code).toBe(0);
    expect(await refusal(where, secret("two"))).toBe(
      'Forbidden: secrets "two" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=1, limited: secrets=1',
    );
    expect(await refusal(where, pod("bare"))).toBe(
      'Forbidden: pods "bare" is forbidden: failed quota: few: must specify requests.cpu for: app',
    );
    expect((await create(where, pod("half", {}, resources("500m")))).code).toBe(0);
    expect(await refusal(where, pod("whole", {}, resources("1")))).toBe(
      'Forbidden: pods "whole" is forbidden: exceeded quota: few, requested: requests.cpu=1, used: requests.cpu=500m, limited: requests.cpu=1',
    );
    expect(await stage.kubectl.ok(["describe", "quota", "few", "-n", where])).toMatch(
      /^pods +1 +2\nrequests\.cpu +500m +1\nsecrets +1 +1$/m,
    );
  });

  test("LimitRange fills in and forbids", async () => {
    const where = await namespace("limits");
    const container = {
      type: "Container",
      default: { cpu: "200m" },
      defaultRequest: { cpu: "100m" },
      max: { cpu: "500m" },
      min: { cpu: "50m" },
      maxLimitRequestRatio: { cpu: "4" },
    };
    const limits = [container, { type: "PersistentVolumeClaim", max: { storage: "1Gi" } }];
    const range = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "range" }, spec: { limits } };
    expect((await create(where, range)).code).toBe(0);
    expect((await create(where, pod("filled"))).code).toBe(0);
    const filled = JSON.parse(await stage.kubectl.ok(["get", "pod", "filled", "-n", where, "-o", "json"])) as object;
    expect(filled).toMatchObject({
      metadata: {
        annotations: {
          "kubernetes.io/limit-ranger":
            "LimitRanger plugin set: cpu request for container app; cpu limit for container app",
        },
      },
      spec: { containers: [{ resources: { limits: { cpu: "200m" }, requests: { cpu: "100m" } } }] },
    });
    expect(await refusal(where, pod("wild", {}, resources("10m", "1")))).toBe(
      'Forbidden: pods "wild" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, maximum cpu usage per Container is 500m, but limit is 1, cpu max limit to request ratio per Container is 4, but provided ratio is 100.000000]',
    );
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "large" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
    };
    expect(await refusal(where, claim)).toBe(
      'Forbidden: persistentvolumeclaims "large" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    );
  });

  test("PodSecurity enforces, and warns of what makes pods", async () => {
    const level = (mode: string): string => `pod-security.kubernetes.io/${mode}=restricted`;
    const where = await namespace("security", level("enforce"), level("warn"));
    const lacks =
      'allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]), ' +
      'runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), ' +
      'seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
    expect(await refusal(where, pod("loose"))).toBe(
      `Forbidden: pods "loose" is forbidden: violates PodSecurity "restricted:latest": ${lacks}`,
    );
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "loose" },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "a" } },
        template: { metadata: { labels: { app: "a" } }, spec: (pod("x") as { spec: object }).spec },
      },
    };
    expect(await create(where, deployment)).toMatchObject({
      code: 0,
      stderr: `Warning: would violate PodSecurity "restricted:latest": ${lacks}\n`,
    });
    const tight = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    };
    expect((await create(where, pod("tight", {}, { securityContext: tight }))).code).toBe(0);
    const host = await namespace("baseline", "pod-security.kubernetes.io/enforce=baseline");
    expect(await refusal(host, pod("host", { hostNetwork: true }, { securityContext: { privileged: true } }))).toBe(
      'Forbidden: pods "host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), ' +
        'privileged (container "app" must not set securityContext.privileged=true)',
    );
    const relabel = ["label", "namespace", host, "pod-security.kubernetes.io/enforce=none", "--overwrite"];
    expect((await stage.kubectl.exits(1, relabel)).stderr).toContain("must be one of privileged, baseline, restricted");
  });

  test("Priority turns names into numbers", async () => {
    const where = await namespace("priority");
    const name = `conformance-high-${stage.run}`;
    const priorityClass = {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name, labels: { conformance: stage.run } },
      value: 1000,
      preemptionPolicy: "Never",
    };
    expect((await create(where, priorityClass)).code).toBe(0);
    expect((await create(where, pod("high", { priorityClassName: name }))).code).toBe(0);
    const read = ["get", "pod", "high", "-n", where, "-o", "jsonpath={.spec.priority} {.spec.preemptionPolicy}"];
    expect(await stage.kubectl.ok(read)).toBe("1000 Never");
    expect(await refusal(where, pod("lost", { priorityClassName: "no-such" }))).toBe(
      'Forbidden: pods "lost" is forbidden: no PriorityClass with name no-such was found',
    );
    expect(await refusal(where, pod("odd", { priorityClassName: name, priority: 7 }))).toBe(
      'Forbidden: pods "odd" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    );
  });

  test("a namespace that is not there takes nothing; a missing service account no pods", async () => {
    expect(await refusal("no-such-namespace", pod("lost"))).toBe('NotFound: namespaces "no-such-namespace" not found');
    expect((await create(stage.namespace, pod("default-tolerations"))).code).toBe(0);
    const tolerations = ["get", "pod", "default-tolerations", "-o", "jsonpath={.spec.tolerations[*].key}"];
    expect(await stage.ok(...tolerations)).toBe("node.kubernetes.io/not-ready node.kubernetes.io/unreachable");
  });
});
