import type { PodFailurePolicy, PodFailurePolicyRule } from "../../api/generated/types/batch-v1.ts";
import type { ContainerStatus, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export interface FailureVerdict {
  /** Whether the failure counts towards the limits. */
  readonly isCounted: boolean;
  readonly action?: string;
  /** Why the whole job fails, where it does. */
  readonly failsJob?: string;
}

const counted: FailureVerdict = { isCounted: true };

/**
 * What the first rule that fits a failed pod says of it.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export function judgeFailure(
  policy: DeepReadonly<PodFailurePolicy> | undefined,
  pod: DeepReadonly<Pod>,
): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const what = whatFits(rule, pod);
    if (what === undefined) continue;
    const { action } = rule;
    switch (action) {
      case "Ignore":
        return { isCounted: false, action };
      case "Count":
      case "FailIndex":
        return { isCounted: true, action };
      case "FailJob":
        return { isCounted: true, action, failsJob: `${what} matching ${action} rule at index ${index}` };
    }
  }
  return counted;
}

function whatFits(
  rule: DeepReadonly<PodFailurePolicyRule>,
  { metadata, status }: DeepReadonly<Pod>,
): string | undefined {
  const pod = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
  const { onExitCodes, onPodConditions } = rule;
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes;
    const fits = ({ name, state }: DeepReadonly<ContainerStatus>): boolean => {
      const exitCode = state?.terminated?.exitCode ?? 0;
      if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
      return operator === "In" ? values.includes(exitCode) : operator === "NotIn" && !values.includes(exitCode);
    };
    const container = status?.containerStatuses?.find(fits) ?? status?.initContainerStatuses?.find(fits);
    if (container === undefined) return undefined;
    return `Container ${container.name} for pod ${pod} failed with exit code ${container.state?.terminated?.exitCode ?? 0}`;
  }
  const condition = status?.conditions?.find(({ type, status: is }) =>
    onPodConditions?.some((pattern) => pattern.type === type && (pattern.status ?? "True") === is),
  );
  return condition === undefined ? undefined : `Pod ${pod} has condition ${condition.type}`;
}
