import { describe, expect, it } from "vitest";
import type { Pod, ResourceQuota, Service } from "../../../api/generated/types/core-v1.ts";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { customKind, type HeldObjects, holding, admissionRequest, refusal } from "../objects.testing.ts";
import { resourceQuota, type ResourceQuotaDeps } from "./resource-quota.ts";

const clock = { now: () => Date.UTC(2026, 0, 2) };

function quota(name: string, hard: Record<string, string>, more: Partial<ResourceQuota> = {}): ResourceQuota {
  return { metadata: { name, namespace: "ns" }, ...more, spec: { hard, ...more.spec } };
}

function counted(name: string, hard: Record<string, string>, used: Record<string, string>): ResourceQuota {
  return quota(name, hard, { status: { hard, used } });
}

function pod(name: string, resources: object = {}, spec: object = {}): Pod {
  return { metadata: { name, namespace: "ns" }, spec: { containers: [{ name: "c", resources }], ...spec } };
}

function cluster(...quotas: ResourceQuota[]): HeldObjects {
  return holding({ resourcequotas: quotas });
}

function plugin(objects: HeldObjects, more: Partial<ResourceQuotaDeps> = {}): ReturnType<typeof resourceQuota> {
  return resourceQuota({ reader: objects, writer: objects, clock, ...more });
}

async function usedOf(objects: HeldObjects, name = "q"): Promise<Record<string, string> | undefined> {
  return (await objects.find<ResourceQuota>("resourcequotas", "ns", name))?.status?.used;
}

describe("ResourceQuota", () => {
  it("charges what is created", async () => {
    const objects = cluster(counted("q", { pods: "3", "requests.cpu": "2" }, { pods: "1", "requests.cpu": "500m" }));
    expect(
      await refusal(plugin(objects), admissionRequest("pods", { object: pod("a", { requests: { cpu: "1" } }) })),
    ).toBeUndefined();
    expect(await usedOf(objects)).toEqual({ pods: "2", "requests.cpu": "1500m" });
  });

  it("refuses what exceeds a quota, in upstream's words", async () => {
    const objects = cluster(counted("q", { pods: "2", memory: "1Gi" }, { pods: "2", memory: "512Mi" }));
    const object = pod("a", { requests: { memory: "1Gi" } });
    expect(await refusal(plugin(objects), admissionRequest("pods", { object }))).toBe(
      'pods "a" is forbidden: exceeded quota: q, requested: memory=1Gi,pods=1, used: memory=512Mi,pods=2, limited: memory=1Gi,pods=2',
    );
    expect(await usedOf(objects)).toEqual({ pods: "2", memory: "512Mi" });
  });

  it("demands that containers state what is limited", async () => {
    const objects = cluster(
      counted("q", { "limits.cpu": "2", "requests.cpu": "2" }, { "limits.cpu": "0", "requests.cpu": "0" }),
    );
    const object = pod("a", { requests: { cpu: "1" } }, { initContainers: [{ name: "init" }] });
    expect(await refusal(plugin(objects), admissionRequest("pods", { object }))).toBe(
      'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: c,init; requests.cpu for: init',
    );
    const stated = pod("a", {}, { resources: { requests: { cpu: "1" }, limits: { cpu: "2" } } });
    expect(await refusal(plugin(objects), admissionRequest("pods", { object: stated }))).toBeUndefined();
    expect(await usedOf(objects)).toEqual({ "limits.cpu": "2", "requests.cpu": "1" });
  });

  it("counts what is there before it is first charged, and again what a quota names anew", async () => {
    const objects = cluster(quota("q", { "count/configmaps": "2", pods: "10" }));
    for (const name of ["a", "b"]) objects.put("configmaps", { metadata: { name, namespace: "ns" } });
    objects.put("configmaps", { metadata: { name: "elsewhere", namespace: "other" } });
    const request = admissionRequest("configmaps", { object: { metadata: { name: "c" } } });
    expect(await refusal(plugin(objects), request)).toBe(
      'configmaps "c" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=2, limited: count/configmaps=2',
    );
    expect(await usedOf(objects)).toEqual({ "count/configmaps": "2", pods: "0" });
    const current = await objects.find<ResourceQuota>("resourcequotas", "ns", "q");
    objects.put("resourcequotas", quota("q", { "count/configmaps": "3" }, { status: { ...current?.status } }));
    expect(await refusal(plugin(objects), request)).toBeUndefined();
    expect(await usedOf(objects)).toEqual({ "count/configmaps": "3" });
  });

  it("counts objects of any kind", async () => {
    const objects = cluster(counted("q", { "count/widgets.example.com": "1" }, { "count/widgets.example.com": "1" }));
    const object = { metadata: { name: "w" } };
    expect(
      await refusal(plugin(objects), admissionRequest("", { kind: customKind("example.com", "widgets"), object })),
    ).toBe(
      'widgets.example.com "w" is forbidden: exceeded quota: q, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
    );
    expect(await refusal(plugin(objects), admissionRequest("secrets", { object }))).toBeUndefined();
  });

  it("charges nothing on a dry run, and refuses as it would", async () => {
    const objects = cluster(counted("q", { pods: "1" }, { pods: "0" }));
    const dry = admissionRequest("pods", { object: pod("a"), dryRun: true });
    expect(await refusal(plugin(objects), dry)).toBeUndefined();
    expect(await usedOf(objects)).toEqual({ pods: "0" });
  });

  it("charges an update with the difference only", async () => {
    const names = { services: "5", "services.nodeports": "2", "services.loadbalancers": "0" };
    const objects = cluster(
      counted("q", names, { services: "1", "services.nodeports": "0", "services.loadbalancers": "0" }),
    );
    const service = (type: string): Service => ({
      metadata: { name: "s", namespace: "ns" },
      spec: { type, ports: [{ port: 80 }, { port: 443 }] },
    });
    const update = (object: KubeObject): Promise<string | undefined> =>
      refusal(plugin(objects), admissionRequest("services", { object, old: service("ClusterIP") }));
    expect(await update(service("NodePort"))).toBeUndefined();
    expect(await usedOf(objects)).toMatchObject({ services: "1", "services.nodeports": "2" });
    expect(await update(service("ClusterIP"))).toBeUndefined();
    expect(await update(service("LoadBalancer"))).toContain("exceeded quota: q, requested: services.loadbalancers=1,");
  });

  it("never spends more than there is, however many ask at once", async () => {
    const objects = cluster(counted("q", { pods: "5" }, { pods: "0" }));
    const quotas = plugin(objects);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => refusal(quotas, admissionRequest("pods", { object: pod(`p${index}`) }))),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(5);
    expect(await usedOf(objects)).toEqual({ pods: "5" });
  });

  it("shares a quota with other servers", async () => {
    const objects = cluster(counted("q", { pods: "5" }, { pods: "0" }));
    const servers = [plugin(objects), plugin(objects), plugin(objects)];
    const answers = await Promise.all(
      servers.flatMap((server) =>
        Array.from({ length: 4 }, (_, index) =>
          refusal(server, admissionRequest("pods", { object: pod(`p${index}`) })),
        ),
      ),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(5);
    expect(await usedOf(objects)).toEqual({ pods: "5" });
  });

  it("charges all quotas or none", async () => {
    const objects = cluster(counted("a", { pods: "5" }, { pods: "0" }), counted("b", { pods: "5" }, { pods: "0" }));
    let meddle = true;
    const writer: ResourceQuotaDeps["writer"] = {
      updateStatus: async (resource, namespace, name, change) => {
        // Somebody takes the last of b just before it is charged.
        if (name === "b" && meddle) objects.put("resourcequotas", counted("b", { pods: "5" }, { pods: "5" }));
        meddle &&= name !== "b";
        await objects.updateStatus(resource, namespace, name, change);
      },
    };
    expect(await refusal(plugin(objects, { writer }), admissionRequest("pods", { object: pod("p") }))).toBe(
      'pods "p" is forbidden: exceeded quota: b, requested: pods=1, used: pods=5, limited: pods=5',
    );
    expect(await usedOf(objects, "a")).toEqual({ pods: "0" });
    expect(await usedOf(objects, "b")).toEqual({ pods: "5" });
  });

  it("gives back what it has charged when a write fails", async () => {
    const objects = cluster(counted("a", { pods: "5" }, { pods: "0" }), counted("b", { pods: "5" }, { pods: "0" }));
    const writer: ResourceQuotaDeps["writer"] = {
      updateStatus: async (resource, namespace, name, change) => {
        if (name === "b") throw new Error("no store");
        await objects.updateStatus(resource, namespace, name, change);
      },
    };
    expect(await refusal(plugin(objects, { writer }), admissionRequest("pods", { object: pod("p") }))).toBe("no store");
    expect(await usedOf(objects, "a")).toEqual({ pods: "0" });
  });

  it.each<readonly [string, object, object, boolean]>([
    ["BestEffort counts pods without requests", { scopes: ["BestEffort"] }, {}, true],
    ["NotBestEffort does not", { scopes: ["NotBestEffort"] }, {}, false],
    ["Terminating counts pods with a deadline", { scopes: ["Terminating"] }, { activeDeadlineSeconds: 5 }, true],
    ["NotTerminating does not", { scopes: ["NotTerminating"] }, { activeDeadlineSeconds: 5 }, false],
    [
      "PriorityClass counts the classes it lists",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } },
      { priorityClassName: "high" },
      true,
    ],
    [
      "and no others",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } },
      { priorityClassName: "low" },
      false,
    ],
    [
      "CrossNamespacePodAffinity counts pods that look elsewhere",
      { scopes: ["CrossNamespacePodAffinity"] },
      {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", namespaces: ["other"] }],
          },
        },
      },
      true,
    ],
  ])("%s", async (_, scope, spec, charged) => {
    const objects = cluster({
      ...counted("q", { pods: "1" }, { pods: "0" }),
      spec: { hard: { pods: "1" }, ...scope },
    });
    expect(await refusal(plugin(objects), admissionRequest("pods", { object: pod("a", {}, spec) }))).toBeUndefined();
    expect(await usedOf(objects)).toEqual({ pods: charged ? "1" : "0" });
  });

  it("refuses what is limited and no quota covers", async () => {
    const limited = [
      {
        resource: "pods",
        matchScopes: [{ scopeName: "PriorityClass", operator: "In", values: ["high", "higher"] }],
      },
      { resource: "persistentvolumeclaims", matchContains: [".storageclass.storage.k8s.io/requests.storage"] },
    ];
    const quotas = plugin(cluster(), { limited });
    expect(
      await refusal(quotas, admissionRequest("pods", { object: pod("a", {}, { priorityClassName: "high" }) })),
    ).toBe("insufficient quota to match these scopes: [{PriorityClass In [high higher]}]");
    expect(await refusal(quotas, admissionRequest("pods", { object: pod("a") }))).toBeUndefined();
    const claim = {
      metadata: { name: "c", namespace: "ns" },
      spec: { storageClassName: "gold", resources: { requests: { storage: "1Gi" } } },
    };
    expect(await refusal(quotas, admissionRequest("persistentvolumeclaims", { object: claim }))).toBe(
      'persistentvolumeclaims "c" is forbidden: insufficient quota to consume: gold.storageclass.storage.k8s.io/requests.storage',
    );
  });
});
