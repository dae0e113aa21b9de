import { describe, expect, it } from "vitest";
import { describeFieldError } from "../../api/machinery/field-error.ts";
import type { ResourceTarget } from "../pipeline/stages.ts";
import { compilePolicy, type AuditAttributes } from "./compile-policy.ts";
import { validatePolicy, type AuditPolicy, type AuditRule } from "./policy.ts";

const jane = { name: "jane", groups: ["system:authenticated", "developers"] };

function resource(fields: Partial<ResourceTarget>): AuditAttributes {
  const target: ResourceTarget = {
    ...{ type: "resource", verb: "get", group: "", version: "v1", resource: "pods", subresource: "", tail: "" },
    ...{ namespace: "default", name: "web" },
    ...fields,
  };
  return { user: jane, target, path: "" };
}
const path = (text: string): AuditAttributes => ({
  user: jane,
  target: { type: "nonResource", verb: "get" },
  path: text,
});

describe("a rule", () => {
  const fits = (rule: Omit<AuditRule, "level">, attributes: AuditAttributes): boolean =>
    compilePolicy({ rules: [{ level: "Metadata", ...rule }] })(attributes).level === "Metadata";

  it.each<[Omit<AuditRule, "level">, AuditAttributes, boolean]>([
    [{}, resource({}), true],
    [{}, path("/healthz"), true],
    [{ users: ["jane"] }, resource({}), true],
    [{ users: ["joe"] }, resource({}), false],
    [{ users: ["jane"] }, { ...resource({}), user: undefined }, false],
    [{ userGroups: ["developers"] }, resource({}), true],
    [{ userGroups: ["system:masters"] }, resource({}), false],
    [{ userGroups: ["developers"] }, { ...resource({}), user: undefined }, false],
    [{ verbs: ["get", "list"] }, resource({}), true],
    [{ verbs: ["create"] }, resource({}), false],
    [{ namespaces: ["default"] }, resource({}), true],
    [{ namespaces: ["kube-system"] }, resource({}), false],
    [{ namespaces: [""] }, resource({ resource: "nodes", namespace: "" }), true],
    [{ namespaces: ["blue"] }, resource({ resource: "namespaces", namespace: "", name: "blue" }), true],
    [{ namespaces: ["default"] }, path("/healthz"), false],
    [{ resources: [{ resources: ["pods"] }] }, resource({}), true],
    [{ resources: [{ resources: ["pods"] }] }, resource({ subresource: "log" }), false],
    [{ resources: [{ resources: ["pods/log"] }] }, resource({ subresource: "log" }), true],
    [{ resources: [{ resources: ["pods/*"] }] }, resource({ subresource: "log" }), true],
    [{ resources: [{ resources: ["pods/*"] }] }, resource({}), true],
    [{ resources: [{ resources: ["*/log"] }] }, resource({ subresource: "log" }), true],
    [{ resources: [{ resources: ["*/log"] }] }, resource({}), false],
    [{ resources: [{ resources: ["*"] }] }, resource({ subresource: "exec" }), true],
    [{ resources: [{ group: "apps" }] }, resource({}), false],
    [{ resources: [{ group: "apps" }] }, resource({ group: "apps", resource: "deployments" }), true],
    [{ resources: [{ group: "*", resources: ["pods"] }] }, resource({ group: "metrics.k8s.io" }), true],
    [{ resources: [{ resources: ["pods"], resourceNames: ["web"] }] }, resource({}), true],
    [{ resources: [{ resources: ["pods"], resourceNames: ["db"] }] }, resource({}), false],
    [{ resources: [{}] }, path("/healthz"), false],
    [{ nonResourceURLs: ["/healthz*"] }, path("/healthz/etcd"), true],
    [{ nonResourceURLs: ["/version"] }, path("/versions"), false],
    [{ nonResourceURLs: ["*"] }, path("/metrics"), true],
    [{ nonResourceURLs: ["*"] }, resource({}), false],
  ])("%j, for %j: %s", (rule, attributes, expected) => {
    expect(fits(rule, attributes)).toBe(expected);
  });
});

it("decides by the first that fits, with what the policy says of all", () => {
  const evaluate = compilePolicy({
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules: [
      { level: "None", users: ["kubelet"] },
      { level: "Request", resources: [{ resources: ["pods"] }], omitStages: ["Panic"], omitManagedFields: false },
      { level: "RequestResponse", resources: [{ resources: ["pods"] }] },
    ],
  });
  expect(evaluate({ ...resource({}), user: { name: "kubelet", groups: [] } }).level).toBe("None");
  expect(evaluate(resource({}))).toEqual({
    level: "Request",
    omits: new Set(["RequestReceived", "Panic"]),
    omitManagedFields: false,
  });
  expect(evaluate(path("/healthz"))).toEqual({
    level: "None",
    omits: new Set(["RequestReceived"]),
    omitManagedFields: true,
  });
});

describe("a policy is refused", () => {
  it.each<[AuditPolicy, string]>([
    [{ rules: [{ level: "" }] }, "rules[0].level: Required value"],
    [
      { rules: [{ level: "All" }] },
      'rules[0].level: Unsupported value: "All": supported values: "Metadata", "None", "Request", "RequestResponse"',
    ],
    [
      { rules: [{ level: "None", nonResourceURLs: ["logs", "/a*b"] }] },
      `rules[0].nonResourceURLs[0]: Invalid value: "logs": non-resource URL rules must begin with a '/' character`,
    ],
    [
      { rules: [{ level: "None", nonResourceURLs: ["/a*b"] }] },
      `rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule`,
    ],
    [
      { rules: [{ level: "None", nonResourceURLs: ["/a"], namespaces: ["b"] }] },
      'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      { rules: [{ level: "None", resources: [{ resourceNames: ["a"] }] }] },
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [
      { rules: [{ level: "None", resources: [{ group: "rbac.authorization.k8s.io/v1" }] }] },
      'rules[0].resources.group: Invalid value: "rbac.authorization.k8s.io/v1": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      { rules: [{ level: "None", omitStages: ["Never"] }] },
      'rules[0].omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ],
    [{ rules: [], omitStages: ["Never"] }, 'omitStages[0]: Invalid value: "Never"'],
  ])("%j", (policy, message) => {
    const [first] = validatePolicy(policy).map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
    expect(first).toContain(message);
  });
});
