/** A Deployment's world in miniature: ReplicaSets with controllers that lag behind, and pods that become available or never do. */
import type { Deployment, ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import { boundsOf } from "./bounds.ts";
import { generationsOf } from "./new-replica-set.ts";
import { plan, type Step } from "./plan.ts";
import { nameOf, type SeenSet, sizeOf } from "./replica-sets.ts";
import { statusOf } from "./status.ts";

interface ModelSet {
  set: SeenSet;
  /** Of each pod, whether it is available. */
  pods: boolean[];
}

export interface Shape {
  readonly replicas: number;
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly strategy?: "RollingUpdate" | "Recreate";
}

/** Pods of these templates never become available. */
export const broken = "broken";

export class Model {
  deployment: Deployment;
  readonly sets: ModelSet[] = [];
  #made = 0;

  constructor({ replicas, maxSurge, maxUnavailable, strategy = "RollingUpdate" }: Shape) {
    this.deployment = {
      metadata: { namespace: "default", name: "web", uid: "web", generation: 1 },
      spec: {
        replicas,
        revisionHistoryLimit: 2,
        selector: { matchLabels: { app: "web" } },
        strategy:
          strategy === "Recreate"
            ? { type: strategy }
            : { type: strategy, rollingUpdate: { maxSurge, maxUnavailable } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "one" }] } },
      },
    };
  }

  change(change: { readonly image?: string; readonly replicas?: number }): void {
    const { spec, metadata } = this.deployment;
    if (spec === undefined) return;
    const template = { ...spec.template, spec: { containers: [{ name: "web", image: change.image ?? this.image }] } };
    this.deployment = {
      ...this.deployment,
      metadata: { ...metadata, generation: (metadata?.generation ?? 0) + 1 },
      spec: { ...spec, template, replicas: change.replicas ?? spec.replicas ?? 1 },
    };
  }

  get image(): string {
    return this.deployment.spec?.template.spec?.containers[0]?.image ?? "";
  }

  get total(): number {
    return this.sets.reduce((sum, { set }) => sum + sizeOf(set), 0);
  }

  get available(): number {
    return this.sets.reduce((sum, { pods }) => sum + pods.filter(Boolean).length, 0);
  }

  get most(): number {
    const { wanted, maxSurge } = boundsOf(this.deployment);
    return wanted + maxSurge;
  }

  get least(): number {
    const { wanted, maxUnavailable } = boundsOf(this.deployment);
    return wanted - maxUnavailable;
  }

  /** One reconcile, which crashes after so many writes. */
  reconcile(writes: number = Infinity): void {
    const { deployment } = this;
    const haveRunningPods = (those: readonly SeenSet[]): boolean =>
      this.sets.some(({ set, pods }) => those.includes(set) && pods.length > 0);
    const { steps, isRollout } = plan({ deployment, sets: this.sets.map(({ set }) => set), haveRunningPods });
    for (const step of steps.slice(0, writes)) this.#take(step);
    if (steps.length < writes) this.#report(isRollout);
  }

  #take(step: Step): void {
    if (step.do === "create") {
      this.#made += 1;
      const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, this.#made)).toISOString();
      const metadata = { ...step.set.metadata, uid: nameOf(step.set), generation: 1, creationTimestamp };
      this.sets.push({ set: { ...step.set, metadata }, pods: [] });
      return;
    }
    const at = this.sets.findIndex(({ set }) => nameOf(set) === nameOf(step.set));
    const found = this.sets[at];
    if (found === undefined) throw new Error(`${nameOf(step.set)} is not there`);
    if (step.do === "delete") this.sets.splice(at, 1);
    else
      found.set = {
        ...step.set,
        metadata: { ...step.set.metadata, generation: (found.set.metadata?.generation ?? 0) + 1 },
      };
  }

  #report(isRollout: boolean): void {
    const sets = this.sets.map(({ set }) => set);
    const { newest } = generationsOf(this.deployment, sets);
    const status = statusOf({ deployment: this.deployment, sets, newest, conditions: [], now: 0, isRollout });
    this.deployment = { ...this.deployment, status: { ...status, conditions: [] } };
  }

  /** The ReplicaSet controller has its turn: it makes pods, or deletes those first that are not available. */
  sync(index: number): void {
    const found = this.sets[index % Math.max(this.sets.length, 1)];
    if (found === undefined) return;
    const wanted = sizeOf(found.set);
    const pods = found.pods.toSorted((left, right) => Number(right) - Number(left));
    found.pods = Array.from({ length: wanted }, (_, at) => pods[at] ?? false);
    this.#tell(found);
  }

  /** A pod becomes available, and its ReplicaSet's status tells so at once or later. */
  ready(index: number, isTold: boolean = true): void {
    const found = this.sets[index % Math.max(this.sets.length, 1)];
    if (found === undefined || found.set.spec?.template?.spec?.containers[0]?.image === broken) return;
    const at = found.pods.indexOf(false);
    if (at >= 0) found.pods[at] = true;
    if (isTold) this.#tell(found);
  }

  #tell(found: ModelSet): void {
    const status: ReplicaSet["status"] = {
      replicas: found.pods.length,
      availableReplicas: found.pods.filter(Boolean).length,
      terminatingReplicas: 0,
      observedGeneration: found.set.metadata?.generation ?? 0,
    };
    found.set = { ...found.set, status };
  }

  /** Everybody works until nothing changes any more. Answers whether that came to be. */
  converge(): boolean {
    for (let round = 0; round < 300; round += 1) {
      const before = this.#shown();
      this.reconcile();
      for (const [index, { set }] of this.sets.entries()) {
        this.sync(index);
        for (let pod = sizeOf(set); pod > 0; pod -= 1) this.ready(index);
      }
      if (this.#shown() === before) return true;
    }
    return false;
  }

  #shown(): string {
    return JSON.stringify([this.deployment, this.sets]);
  }
}
