/**
 * Groups of the Kubernetes community are guarded: who defines a resource in one names the approval.
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/2337-k8s.io-group-protection
 */
export const approvalAnnotation = "api-approved.kubernetes.io";

export interface Approval {
  readonly state: "missing" | "invalid" | "bypassed" | "approved";
  readonly reason: string;
}

export function isGuarded(group: string): boolean {
  return /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);
}

const reference = "see https://github.com/kubernetes/enhancements/pull/1111";
const mustHave = `protected groups must have approval annotation "${approvalAnnotation}"`;

/** `annotation`: what stands in `api-approved.kubernetes.io`. */
export function approvalOf(annotation: string | undefined): Approval {
  if (annotation === undefined || annotation === "") return { state: "missing", reason: `${mustHave}, ${reference}` };
  if (annotation.startsWith("unapproved"))
    return { state: "bypassed", reason: `not approved: ${JSON.stringify(annotation)}` };
  if (isUrl(annotation)) return { state: "approved", reason: `approved in ${annotation}` };
  const reason = `${mustHave} with either a URL or a reason starting with "unapproved", ${reference}`;
  return { state: "invalid", reason };
}

function isUrl(text: string): boolean {
  return /^[A-Za-z][-+.A-Za-z0-9]*:\/\/[^/\s]/.test(text) && URL.canParse(text);
}
