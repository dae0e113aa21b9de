import type { Manifest } from "../manifests.ts";
import type { Stage } from "../kubectl/stage.ts";

/**
 * The suite plays the controllers of what the chart's hooks and waits depend on. On a cluster that has them they leave
 * these objects alone: the Job is managed by somebody else, the Pods have a scheduler that nobody runs.
 */
const at = "2026-01-02T03:04:05Z";

/** Ends a hook's Job as soon as it is there. */
export async function finishJob(stage: Stage, name: string, how: "Complete" | "Failed"): Promise<void> {
  const first = how === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
  const condition = (type: string): object => ({
    type,
    status: "True",
    reason: "Tested",
    message: "by conformance",
    lastTransitionTime: at,
  });
  const status = {
    startTime: at,
    ...(how === "Complete" ? { completionTime: at, succeeded: 1 } : { failed: 1 }),
    conditions: [condition(first), condition(how)],
  };
  await stage.ok("wait", "--for=create", `job/${name}`, "--timeout=30s");
  await report(stage, `job/${name}`, status);
}

/** Ends a hook's Pod as soon as it is there. */
export async function finishPod(stage: Stage, name: string, phase: "Succeeded" | "Failed"): Promise<void> {
  await stage.ok("wait", "--for=create", `pod/${name}`, "--timeout=30s");
  await report(stage, `pod/${name}`, { phase });
}

/** What a Deployment without replicas looks like when all is done: helm asks for its newest ReplicaSet, too. */
export async function rollOut(stage: Stage, name: string): Promise<void> {
  const { metadata, spec } = (await stage.json("get", "deployment", name)) as Manifest & {
    readonly metadata: { readonly uid: string; readonly generation: number };
    readonly spec: { readonly selector: object; readonly template: object };
  };
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid: metadata.uid, controller: true };
  const replicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: `${name}-1`, labels: metadata.labels, ownerReferences: [owner] },
    spec: { replicas: 0, selector: spec.selector, template: spec.template },
  };
  // A cluster with controllers has made one of its own.
  if ((await stage.ok("get", "replicasets", "-o", "name")) === "") {
    await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], { stdin: JSON.stringify(replicaSet) });
    await report(stage, `replicaset/${name}-1`, { observedGeneration: 1, replicas: 0 });
  }
  const condition = (type: string, reason: string): object => ({
    type,
    status: "True",
    reason,
    message: "by conformance",
    lastTransitionTime: at,
    lastUpdateTime: at,
  });
  const conditions = [
    condition("Available", "MinimumReplicasAvailable"),
    condition("Progressing", "NewReplicaSetAvailable"),
  ];
  await report(stage, `deployment/${name}`, { observedGeneration: metadata.generation, conditions });
}

async function report({ ok }: Stage, object: string, status: object): Promise<void> {
  await ok("patch", object, "--subresource=status", "--type=merge", "-p", JSON.stringify({ status }));
}
