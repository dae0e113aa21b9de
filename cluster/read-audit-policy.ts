import { type AuditPolicy, validatePolicy } from "../server/audit/policy.ts";
import { anything, boolean, document, list, struct, text, type OnUnknown } from "./admission/read-fields.ts";
import { OptionError } from "./option-error.ts";
import { requireValid } from "./require-valid.ts";

/**
 * Throws an OptionError for a policy that is not valid. Unknown fields are left out, as upstream does it, and told of.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
 */
export function readAuditPolicy(value: unknown, onUnknown: OnUnknown): AuditPolicy {
  const groupResources = struct({ group: text, resources: list(text), resourceNames: list(text) }, onUnknown);
  const rule = struct(
    {
      level: text,
      users: list(text),
      userGroups: list(text),
      verbs: list(text),
      resources: list(groupResources),
      namespaces: list(text),
      nonResourceURLs: list(text),
      omitStages: list(text),
      omitManagedFields: boolean,
    },
    onUnknown,
  );
  const fields = { metadata: anything, rules: list(rule), omitStages: list(text), omitManagedFields: boolean };
  const read = document(["audit.k8s.io/v1 Policy"], fields, onUnknown);
  const { rules = [], omitStages = [], omitManagedFields = false } = read(value, "");
  const policy: AuditPolicy = {
    rules: rules.map(({ level = "", ...others }) => ({ level, ...others })),
    omitStages,
    omitManagedFields,
  };
  requireValid(validatePolicy(policy));
  if (policy.rules.length === 0) throw new OptionError("loaded illegal policy with 0 rules");
  return policy;
}
