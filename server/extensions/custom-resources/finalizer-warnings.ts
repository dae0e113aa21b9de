import { labelKey } from "../../../api/machinery/names.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";

const standard: ReadonlySet<string> = new Set(["orphan", "foregroundDeletion", "kubernetes"]);
const field = "metadata.finalizers";

/** A custom resource may have any finalizers; what is said here of new ones is advice. */
export function finalizerWarnings(
  object: DeepReadonly<KubeObject>,
  old: DeepReadonly<KubeObject> | undefined,
): readonly string[] {
  const known = new Set(old?.metadata?.finalizers ?? []);
  const added = new Set((object.metadata?.finalizers ?? []).filter((name) => !known.has(name)));
  return [...added].sort().flatMap(warningsOf);
}

function warningsOf(name: string): readonly string[] {
  const problems = name.includes("/") || standard.has(name) ? labelKey(name) : [...labelKey(name), advice(name)];
  return problems.map((problem) => `${field}: ${JSON.stringify(name)}: ${problem}`);
}

function advice(name: string): string {
  const path = name.includes(".") ? " including a path (/)" : "";
  return `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
}
