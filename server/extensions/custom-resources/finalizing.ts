import type { CustomResourceDefinition } from "../../../api/generated/types/apiextensions-v1.ts";
import { cleanupFinalizer, withCondition } from "../../../api/apiextensions/definition.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { hasCondition, type DefinitionSummary } from "./definition-summary.ts";

/** How far the end of a definition has come. */
export type Cleanup =
  | { readonly at: "in progress" }
  /** Instances with finalizers of their own keep it waiting. */
  | { readonly at: "waiting" }
  | { readonly at: "failed"; readonly why: string }
  | { readonly at: "completed" }
  /** There never were instances. */
  | { readonly at: "never established" };

export function isFinalizing({ deletionTimestamp, finalizers }: DefinitionSummary): boolean {
  return deletionTimestamp !== undefined && finalizers.includes(cleanupFinalizer);
}

/** From the moment of its deletion on no instance is created. */
export function isTerminating(summary: DefinitionSummary): boolean {
  return summary.deletionTimestamp !== undefined || hasCondition(summary, "Terminating");
}

interface Told {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

function tell(cleanup: Cleanup): Told {
  switch (cleanup.at) {
    case "in progress":
      return {
        status: "True",
        reason: "InstanceDeletionInProgress",
        message: "CustomResource deletion is in progress",
      };
    case "waiting": {
      const message = "could not confirm zero CustomResources remaining: timed out waiting for the condition";
      return { status: "True", reason: "InstanceDeletionCheck", message };
    }
    case "failed":
      return {
        status: "True",
        reason: "InstanceDeletionFailed",
        message: `could not issue all deletes: ${cleanup.why}`,
      };
    case "completed":
      return { status: "False", reason: "InstanceDeletionCompleted", message: "removed all instances" };
    case "never established":
      return { status: "False", reason: "NeverEstablished", message: "resource was never established" };
  }
}

/** The definition as it should be written; undefined when it says so already. `now`: RFC 3339. */
export function withCleanup(
  definition: DeepReadonly<CustomResourceDefinition>,
  cleanup: Cleanup,
  now: string,
): CustomResourceDefinition | undefined {
  const told = tell(cleanup);
  const isOver = told.status === "False";
  const before = definition.status?.conditions ?? [];
  const known = before.find(({ type }) => type === "Terminating");
  if (!isOver && known?.reason === told.reason && known.message === told.message) return undefined;
  const generation = definition.metadata?.generation;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const changed = deepClone<CustomResourceDefinition>(definition);
  const conditions = withCondition(before, { type: "Terminating", ...told, ...observed }, now);
  changed.status = { ...changed.status, conditions: conditions.map((condition) => ({ ...condition })) };
  if (isOver) removeFinalizer(changed);
  return changed;
}

function removeFinalizer(definition: CustomResourceDefinition): void {
  const { finalizers = [], ...metadata } = definition.metadata ?? {};
  const left = finalizers.filter((name) => name !== cleanupFinalizer);
  definition.metadata = left.length === 0 ? metadata : { ...metadata, finalizers: left };
}
