import { podTemplateWarnings } from "../core/pod-warnings.ts";
import type { JobSpec } from "../generated/types/batch-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const many = { completions: 100_000, parallelism: 10_000 };
const tooManyToTrack =
  "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";

export function jobWarnings(spec: DeepReadonly<JobSpec> | undefined, path: string): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec ?? {};
  const huge = completionMode === "Indexed" && completions > many.completions && parallelism > many.parallelism;
  return [...(huge ? [tooManyToTrack] : []), ...podTemplateWarnings(template, `${path}.template`)];
}
