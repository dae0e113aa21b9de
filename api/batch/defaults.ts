/** Defaults of the batch group. */
import { labelsFromTemplate } from "../core/pod-defaults.ts";
import { isFilled } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";

/** With a limit per index there is no limit for the whole: the largest int32. */
const noBackoffLimit = 2_147_483_647;

export const batchDefaults: DefaultRules = {
  "io.k8s.api.batch.v1.Job": job,
  "io.k8s.api.batch.v1.CronJob": (object, set) => {
    const spec = set.within(object, "spec");
    set.ifZero(spec, "concurrencyPolicy", "Allow");
    set.ifUnset(spec, "suspend", false);
    set.ifUnset(spec, "successfulJobsHistoryLimit", 3);
    set.ifUnset(spec, "failedJobsHistoryLimit", 1);
  },
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": (pattern, set) => set.ifZero(pattern, "status", "True"),
};

function job(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  // A job that says neither is one pod; one that only says parallelism is a work queue without a count.
  if (isUnset(spec, "parallelism")) set.ifUnset(spec, "completions", 1);
  set.ifUnset(spec, "parallelism", 1);
  set.ifUnset(spec, "backoffLimit", isUnset(spec, "backoffLimitPerIndex") ? 6 : noBackoffLimit);
  const labels = labelsFromTemplate(object);
  const metadata = set.within(object, "metadata");
  if (labels !== undefined && !isFilled(metadata["labels"])) set.put(metadata, "labels", labels);
  set.ifUnset(spec, "completionMode", "NonIndexed");
  set.ifUnset(spec, "suspend", false);
  set.ifUnset(spec, "podReplacementPolicy", isUnset(spec, "podFailurePolicy") ? "TerminatingOrFailed" : "Failed");
  set.ifUnset(spec, "manualSelector", false);
}

function isUnset(object: JsonObject, field: string): boolean {
  return object[field] === undefined || object[field] === null;
}
