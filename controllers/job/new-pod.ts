import type { Job } from "../../api/generated/types/batch-v1.ts";
import type { Container, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { jobs } from "../../client/resource-types.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import {
  completionIndexKey,
  failureCountKey,
  ignoredFailureCountKey,
  indexFailures,
  trackingFinalizer,
} from "./job-pods.ts";
import { judgeFailure } from "./pod-failure-policy.ts";
import type { Tally } from "./tally.ts";

const indexVariable = "JOB_COMPLETION_INDEX";
const longestPrefix = 58;

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode */
export function newPod(job: DeepReadonly<Job>, index: number | undefined, { indexes }: Tally): Pod {
  const pod = podFromTemplate(job.spec?.template, job, jobs);
  const metadata = (pod.metadata ??= {});
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), trackingFinalizer])];
  if (index === undefined) return pod;
  const end = `-${index}-`;
  metadata.generateName = `${(job.metadata?.name ?? "").slice(0, longestPrefix - end.length)}${end}`;
  metadata.annotations = {
    ...metadata.annotations,
    [completionIndexKey]: String(index),
    ...(indexes?.failed === undefined ? {} : inherited(job, indexes.toReplace.get(index))),
  };
  metadata.labels = { ...metadata.labels, [completionIndexKey]: String(index) };
  const { spec } = pod;
  if (spec === undefined) return pod;
  spec.hostname = `${job.metadata?.name ?? ""}-${index}`;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) tellIndex(container);
  return pod;
}

function tellIndex(container: Container): void {
  if (container.env?.some(({ name }) => name === indexVariable) === true) return;
  const fieldPath = `metadata.labels['${completionIndexKey}']`;
  container.env = [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef: { fieldPath } } }];
}

/** How often its index has failed: the pod before it, and those before that. */
function inherited(job: DeepReadonly<Job>, replaced: DeepReadonly<Pod> | undefined): Record<string, string> {
  if (replaced === undefined) return { [failureCountKey]: "0" };
  const { counted, ignored } = indexFailures(replaced);
  const { isCounted } = judgeFailure(job.spec?.podFailurePolicy, replaced);
  const ignoredNow = isCounted ? ignored : ignored + 1;
  return {
    [failureCountKey]: String(isCounted ? counted + 1 : counted),
    ...(ignoredNow === 0 ? {} : { [ignoredFailureCountKey]: String(ignoredNow) }),
  };
}
