import type { NamespaceCondition } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Remaining } from "./remaining.ts";

/** What came of an attempt to empty a namespace. */
export interface Attempt {
  /** Why not all resources are known. */
  readonly discoveryFailure?: string | undefined;
  /** What went wrong with single resources. */
  readonly failures: readonly string[];
  readonly remaining: readonly Remaining[];
}

type Conditions = readonly DeepReadonly<NamespaceCondition>[];
type Finding = Pick<NamespaceCondition, "reason" | "message">;

interface Kind {
  readonly type: string;
  readonly whenWell: Finding;
  /** Undefined when all is well. */
  readonly whenNot: (attempt: Attempt) => Finding | undefined;
}

const kinds: readonly Kind[] = [
  {
    type: "NamespaceDeletionDiscoveryFailure",
    whenWell: { reason: "ResourcesDiscovered", message: "All resources successfully discovered" },
    whenNot: ({ discoveryFailure }) =>
      discoveryFailure === undefined ? undefined : { reason: "DiscoveryFailed", message: discoveryFailure },
  },
  {
    type: "NamespaceDeletionGroupVersionParsingFailure",
    whenWell: { reason: "ParsedGroupVersions", message: "All legacy kube types successfully parsed" },
    // Group and version come apart from each other: there is nothing to parse.
    whenNot: () => undefined,
  },
  {
    type: "NamespaceDeletionContentFailure",
    whenWell: {
      reason: "ContentDeleted",
      message: "All content successfully deleted, may be waiting on finalization",
    },
    whenNot: ({ failures }) =>
      failures.length === 0
        ? undefined
        : {
            reason: "ContentDeletionFailed",
            message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(", ")}`,
          },
  },
  {
    type: "NamespaceContentRemaining",
    whenWell: { reason: "ContentRemoved", message: "All content successfully removed" },
    whenNot: ({ remaining }) => some("SomeResourcesRemain", "Some resources are remaining", remaining.map(instances)),
  },
  {
    type: "NamespaceFinalizersRemaining",
    whenWell: { reason: "ContentHasNoFinalizers", message: "All content-preserving finalizers finished" },
    whenNot: ({ remaining }) =>
      some(
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining",
        finalizerCounts(remaining),
      ),
  },
];

/** The conditions that are true after an attempt; the very ones from before where nothing has changed. `now` in milliseconds. */
export function conditionsAfter(attempt: Attempt, before: Conditions, now: number): Conditions {
  const found = kinds.map(({ type, whenWell, whenNot }) => {
    const failure = whenNot(attempt);
    const status = failure === undefined ? "False" : "True";
    const old = before.find((condition) => condition.type === type);
    const finding = failure ?? whenWell;
    if (old?.status === status && old.reason === finding.reason && old.message === finding.message) return old;
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(now);
    return { ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }), type, status, ...finding };
  });
  const others = before.filter(({ type }) => !kinds.some((kind) => kind.type === type));
  return found.every((condition) => before.includes(condition)) ? before : [...others, ...found];
}

function instances({ resource, group, count }: Remaining): string {
  return `${resource}.${group} has ${count} resource instances`;
}

function finalizerCounts(remaining: readonly Remaining[]): string[] {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining)
    for (const [finalizer, count] of finalizers) counts.set(finalizer, (counts.get(finalizer) ?? 0) + count);
  return [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
}

function some(reason: string, intro: string, parts: readonly string[]): Finding | undefined {
  return parts.length === 0 ? undefined : { reason, message: `${intro}: ${parts.toSorted().join(", ")}` };
}
