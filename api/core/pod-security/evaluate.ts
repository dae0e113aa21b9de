import type { Check, PodLike, Revision, Violation } from "./check.ts";
import { checks } from "./checks.ts";
import type { LevelVersion } from "./policy.ts";

export type Evaluate = (policy: LevelVersion, pod: PodLike) => readonly Violation[];

type Rules = readonly Revision["find"][];

/** Every violation of a policy, in the order of `from`. What each version asks for is settled once, here. */
export function createEvaluator(from: readonly Check[]): Evaluate {
  const newest = Math.max(0, ...from.flatMap(({ revisions }) => revisions.map(({ since }) => since)));
  const versions = Array.from({ length: newest + 1 }, (_, minor) => ({
    baseline: rulesOf(from, "baseline", minor),
    restricted: rulesOf(from, "restricted", minor),
  }));
  return ({ level, version }, pod) => {
    if (level === "privileged") return [];
    // A version that is still to come is as good as the latest.
    const rules = versions[version === "latest" ? newest : Math.min(version, newest)]?.[level] ?? [];
    return rules.flatMap((find) => find(pod) ?? []);
  };
}

export const evaluatePod: Evaluate = createEvaluator(checks);

function rulesOf(from: readonly Check[], level: Check["level"], minor: number): Rules {
  const held = from
    .filter((check) => level === "restricted" || check.level === "baseline")
    .flatMap((check) => {
      const revision = check.revisions.findLast(({ since }) => since <= minor);
      return revision === undefined ? [] : [{ id: check.id, revision }];
    });
  const overridden = new Set(held.flatMap(({ revision }) => revision.overrides ?? []));
  return held.filter(({ id }) => !overridden.has(id)).map(({ revision }) => revision.find);
}

/** `privileged, hostPort`: for many pods at once. */
export function describeReasons(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(", ");
}

/** `hostPort (container "a" uses hostPort 80), …`: for one pod. */
export function describeDetails(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`)).join(", ");
}
