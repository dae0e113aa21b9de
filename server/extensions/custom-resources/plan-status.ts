import { approvalOf, isGuarded, type Approval } from "../../../api/apiextensions/api-approval.ts";
import { withCondition, type ConditionType } from "../../../api/apiextensions/definition.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import { hasCondition, type DefinitionSummary } from "./definition-summary.ts";
import { judgeNames, type TakenNames } from "./naming.ts";

type Status = DefinitionSummary["status"];

/**
 * What the status of a definition should be: accepted names, whether it is served, whether a guarded group was approved.
 * Undefined when it is so already. `now`: RFC 3339.
 */
export function planStatus(summary: DefinitionSummary, taken: TakenNames, now: string): Status | undefined {
  const { accepted, conflict } = judgeNames(summary.spec.names, summary.status.acceptedNames ?? {}, taken);
  let conditions = summary.status.conditions ?? [];
  const set = (type: ConditionType, status: "True" | "False", reason: string, message: string): void => {
    const observedGeneration = summary.generation;
    conditions = withCondition(conditions, { type, status, reason, message, observedGeneration }, now);
  };
  if (conflict === undefined) set("NamesAccepted", "True", "NoConflicts", "no conflicts found");
  else set("NamesAccepted", "False", conflict.reason, conflict.message);
  // Once established a definition stays so: its objects are there.
  if (conflict === undefined || hasCondition(summary, "Established"))
    set("Established", "True", "InitialNamesAccepted", "the initial names have been accepted");
  else set("Established", "False", "NotAccepted", "not all names are accepted");
  if (isGuarded(summary.spec.group)) {
    const { state, reason } = approvalOf(summary.approval);
    const [status, name] = approvals[state];
    set("KubernetesAPIApprovalPolicyConformant", status, name, reason);
  }
  const status = { ...summary.status, conditions, acceptedNames: accepted, observedGeneration: summary.generation };
  return deepEqual(status, summary.status) ? undefined : status;
}

const approvals: Readonly<Record<Approval["state"], readonly ["True" | "False", string]>> = {
  invalid: ["False", "InvalidAnnotation"],
  missing: ["False", "MissingAnnotation"],
  approved: ["True", "ApprovedAnnotation"],
  bypassed: ["False", "UnapprovedAnnotation"],
};
