/** Defaults of the admissionregistration group. */
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRule, DefaultRules, Setter } from "../schema/default.ts";

const failClosed: DefaultRule = (spec, set) => set.ifUnset(spec, "failurePolicy", "Fail");
const anyScope: DefaultRule = (rule, set) => set.ifUnset(rule, "scope", "*");

export const admissionregistrationDefaults: DefaultRules = {
  "io.k8s.api.admissionregistration.v1.ValidatingWebhook": webhook,
  "io.k8s.api.admissionregistration.v1.MutatingWebhook": (hook, set) => {
    webhook(hook, set);
    set.ifUnset(hook, "reinvocationPolicy", "Never");
  },
  "io.k8s.api.admissionregistration.v1.RuleWithOperations": anyScope,
  "io.k8s.api.admissionregistration.v1.NamedRuleWithOperations": anyScope,
  "io.k8s.api.admissionregistration.v1.ServiceReference": (service, set) => set.ifUnset(service, "port", 443),
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec": failClosed,
  "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec": failClosed,
  "io.k8s.api.admissionregistration.v1.MatchResources": selectors,
};

function webhook(hook: JsonObject, set: Setter): void {
  failClosed(hook, set);
  selectors(hook, set);
  set.ifUnset(hook, "timeoutSeconds", 10);
}

/** An empty selector matches everything. */
function selectors(match: JsonObject, set: Setter): void {
  set.ifUnset(match, "matchPolicy", "Equivalent");
  set.within(match, "namespaceSelector");
  set.within(match, "objectSelector");
}
