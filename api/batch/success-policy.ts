import type { JobSpec, SuccessPolicyRule } from "../generated/types/batch-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative, required, tooLong, tooMany } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { countIndexes, IndexesError, parseIndexes } from "./job-indexes.ts";

const mostRules = 20;
const longestIndexes = 64 * 1024;

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy */
export function validateSuccessPolicy(spec: DeepReadonly<JobSpec>, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const at = `${path}.rules`;
  const findings: FieldError[] = [];
  if (rules.length === 0)
    findings.push(required(at, "at least one rules must be specified when the successPolicy is specified"));
  if (rules.length > mostRules) findings.push(tooMany(at, rules.length, mostRules));
  return [...findings, ...rules.flatMap((rule, index) => validateRule(rule, `${at}[${index}]`, spec.completions ?? 0))];
}

function validateRule(
  { succeededCount: count, succeededIndexes: indexes }: DeepReadonly<SuccessPolicyRule>,
  path: string,
  completions: number,
): FieldError[] {
  const findings: FieldError[] = [];
  if (count === undefined && indexes === undefined)
    findings.push(required(path, "at least one of succeededCount or succeededIndexes must be specified"));
  if (indexes !== undefined && indexes.length > longestIndexes)
    findings.push(tooLong(`${path}.succeededIndexes`, longestIndexes));
  const total = indexes === undefined ? undefined : countOf(indexes, completions);
  if (typeof total === "string")
    findings.push(bad(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${total}`));
  if (count === undefined) return findings;
  const at = `${path}.succeededCount`;
  const atMost = (bound: number, of: string): void => {
    if (count > bound) findings.push(bad(at, count, `must be less than or equal to ${bound} (the number of ${of})`));
  };
  findings.push(...nonNegative(at, count));
  atMost(completions, "specified completions");
  if (total !== undefined)
    atMost(typeof total === "string" ? 0 : total, "indexes in the specified succeededIndexes field");
  return findings;
}

/** Or what is wrong with them. */
function countOf(indexes: string, completions: number): number | string {
  try {
    return countIndexes(parseIndexes(indexes, completions));
  } catch (thrown) {
    if (thrown instanceof IndexesError) return thrown.message;
    throw thrown;
  }
}
