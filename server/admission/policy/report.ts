import { goJson } from "../../../api/machinery/managed-fields/go-json.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import type { Annotation, Denial, Judgement } from "./decide.ts";
import type { Invocation, Misconfigured } from "./invocations.ts";
import type { DenyReason, ValidatingPolicy } from "./validating-policy.ts";

/** Gathers what policies say about one request, and tells it as their bindings want it told. */
export interface Report {
  misconfigured(found: Misconfigured<ValidatingPolicy>): void;
  judged(invocation: Invocation<ValidatingPolicy>, judgement: Judgement): void;
  /** Throws the first refusal. */
  finish(): void;
}

interface Refusal {
  readonly message: string;
  readonly reason: DenyReason;
}

const failureKey = "validation.policy.admission.k8s.io/validation_failure";
/** In bytes. */
const longestAnnotation = 10 * 1024;

export function createReport(request: AdmissionRequest): Report {
  let refusal: Refusal | undefined;
  let isFailureTold = false;
  /** By key; parameters may make several values of one. */
  const annotations = new Map<string, Set<string>>();

  function deny(policy: string, binding: string | undefined, message: string, reason: DenyReason): void {
    const by = binding === undefined ? `'${policy}'` : `'${policy}' with binding '${binding}'`;
    refusal ??= { message: `ValidatingAdmissionPolicy ${by} denied request: ${message}`, reason };
  }

  function tell({ policy, binding }: Invocation<ValidatingPolicy>, denial: Denial): void {
    const { message, reason } = denial;
    for (const action of binding.actions) {
      if (action === "Deny") deny(policy.name, binding.name, message, reason);
      else if (action === "Warn") {
        const by = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
        request.warn(`Validation failed for ${by}: ${message}`);
      } else if (action === "Audit" && !isFailureTold) {
        // There is one annotation: the first failure stays.
        isFailureTold = true;
        request.annotate(failureKey, failureText(policy.name, binding, denial));
      }
    }
  }

  function annotate({ policy, binding }: Invocation<ValidatingPolicy>, annotation: Annotation): void {
    if ("error" in annotation) return deny(policy.name, binding.name, annotation.error, "Invalid");
    const key = `${policy.name}/${annotation.key}`;
    const values = annotations.get(key) ?? new Set();
    annotations.set(key, values.add(shortened(annotation.value)));
  }

  return {
    misconfigured({ policy, binding, problem }) {
      if (!policy.failsOpen) deny(policy.name, binding?.name, problem, "Invalid");
    },
    judged(invocation, { denials, annotations: own }) {
      for (const denial of denials) tell(invocation, denial);
      for (const annotation of own) annotate(invocation, annotation);
    },
    finish() {
      for (const [key, values] of annotations) request.annotate(key, [...values].join(", "));
      if (refusal === undefined) return;
      const { message, reason } = refusal;
      const { message: said, details } = forbid(request, message, [{ message }]);
      throw new ApiError(reason, said, { details });
    },
  };
}

/** Members in upstream's order. */
function failureText(
  policy: string,
  { name, actions }: Invocation<ValidatingPolicy>["binding"],
  denial: Denial,
): string {
  const { message, index } = denial;
  const members = [
    `"message":${goJson(message)}`,
    `"policy":${goJson(policy)}`,
    `"binding":${goJson(name)}`,
    `"expressionIndex":${index}`,
    `"validationActions":${goJson(actions)}`,
  ];
  return `[{${members.join(",")}}]`;
}

function shortened(value: string): string {
  const bytes = Buffer.from(value);
  return bytes.length <= longestAnnotation ? value : bytes.subarray(0, longestAnnotation).toString();
}
