import type { ValidatingAdmissionPolicy } from "../../../api/generated/types/admissionregistration-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Attributes, Decision } from "../../../auth/authz/authorizer.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { createShow, type Show } from "../webhook/choose.ts";
import type { Shown } from "../webhook/review.ts";
import { createBoundPolicies, nameOf } from "./bound-policies.ts";
import { compilePolicy, type CompiledPolicy, type Expression } from "./compiled-policy.ts";
import { decide, type DenyReason } from "./decide.ts";
import { exemptFromPolicies } from "./exempt.ts";
import { createRequestInputs } from "./inputs.ts";
import { findInvocations, namespaceFor, type Found } from "./invocations.ts";
import type { ParamDeps } from "./params.ts";
import { createReport } from "./report.ts";

export interface PolicyDeps extends ParamDeps {
  readonly authorize: (attributes: Attributes) => Decision;
}

export interface ValidatingPolicy extends CompiledPolicy {
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly value: Expression }[];
}

export interface CompiledValidation {
  readonly check: Expression;
  readonly message: string;
  readonly messageExpression: Expression | undefined;
  readonly reason: DenyReason;
}

/** Judges requests by the ValidatingAdmissionPolicies that are bound. */
export function validatingAdmissionPolicy(deps: PolicyDeps): AdmissionPlugin {
  const resources = {
    policies: "validatingadmissionpolicies.admissionregistration.k8s.io",
    bindings: "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  };
  const bound = createBoundPolicies(resources, compileValidating, deps.reader);
  return {
    name: "ValidatingAdmissionPolicy",
    async validate(request) {
      if (exemptFromPolicies(request)) return;
      const policies = await bound();
      if (policies.length === 0) return;
      const found = await findInvocations(policies, request, deps);
      if (found.length > 0) await judge(found, request, deps);
    },
  };
}

function compileValidating(object: DeepReadonly<ValidatingAdmissionPolicy>): ValidatingPolicy {
  const { spec = {} } = object;
  return compilePolicy(nameOf(object), spec, (compile) => ({
    validations: (spec.validations ?? []).map(({ expression, message = "", messageExpression = "", reason }) => ({
      check: compile(expression, "condition"),
      message,
      messageExpression: messageExpression === "" ? undefined : compile(messageExpression, "message"),
      // The API takes no others.
      reason: (reason ?? "Invalid") as DenyReason,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compile(valueExpression, "annotation"),
    })),
  }));
}

async function judge(
  found: readonly Found<ValidatingPolicy>[],
  request: AdmissionRequest,
  deps: PolicyDeps,
): Promise<void> {
  const show = createShow(request);
  const inputs = createRequestInputs(request, deps.authorize);
  const namespace = await namespaceFor(found, request, deps);
  const report = createReport(request);
  for (const one of found) {
    if ("problem" in one) {
      report.misconfigured(one);
      continue;
    }
    const shown = await shownOrProblem(show, one);
    if (typeof shown === "string") {
      report.misconfigured({ ...one, binding: undefined, problem: `failed to configure policy: ${shown}` });
      continue;
    }
    const of = (options: { readonly authorized: boolean }) => inputs.of(shown, one.params, namespace, options);
    report.judged(one, decide(one.policy, of));
  }
  report.finish();
}

async function shownOrProblem(show: Show, { version }: { readonly version: Shown["version"] }): Promise<Shown | string> {
  try {
    return await show(version);
  } catch (thrown) {
    if (thrown instanceof ApiError) return `failed to convert object version: ${thrown.message}`;
    throw thrown;
  }
}
