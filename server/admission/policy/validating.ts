import { ApiError } from "../../../api/machinery/status.ts";
import type { Authorizer } from "../../../auth/authz/authorizer.ts";
import { whenDecided } from "../pending-decision.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { createShow, type Show } from "../webhook/choose.ts";
import type { Shown } from "../webhook/review.ts";
import { createBoundPolicies } from "./bound-policies.ts";
import { decide } from "./decide.ts";
import { exemptFromPolicies } from "./exempt.ts";
import { createRequestInputs } from "./inputs.ts";
import { findInvocations, namespaceFor, type Found } from "./invocations.ts";
import type { ParamDeps } from "./params.ts";
import { createReport } from "./report.ts";
import { compileValidating, type ValidatingPolicy } from "./validating-policy.ts";

export interface PolicyDeps extends ParamDeps {
  readonly authorize: Authorizer;
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
    const judged = whenDecided(() => decide(one.policy, of));
    report.judged(one, judged instanceof Promise ? await judged : judged);
  }
  report.finish();
}

async function shownOrProblem(
  show: Show,
  { version }: { readonly version: Shown["version"] },
): Promise<Shown | string> {
  try {
    return await show(version);
  } catch (thrown) {
    if (thrown instanceof ApiError) return `failed to convert object version: ${thrown.message}`;
    throw thrown;
  }
}
