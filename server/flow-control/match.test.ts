import { expect, it } from "vitest";
import type { FlowSchemaSpec, PolicyRulesWithSubjects } from "../../api/generated/types/flowcontrol-v1.ts";
import { requestOf } from "./requests.testing.ts";
import { compileMatch, distinguisherOf } from "./match.ts";

const anybody: PolicyRulesWithSubjects["subjects"] = [{ kind: "Group", group: { name: "*" } }];
const all = { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true };

function matches(rule: Partial<PolicyRulesWithSubjects>, method: string, url: string, user = "ann"): boolean {
  const rules = [{ subjects: anybody, ...rule }];
  return compileMatch({ priorityLevelConfiguration: { name: "x" }, rules })(requestOf(method, url, { user }));
}

const pods = "/api/v1/namespaces/a/pods";
const account = "system:serviceaccount:a:robot";

it.each<[string, PolicyRulesWithSubjects["subjects"], string, boolean]>([
  ["the user", [{ kind: "User", user: { name: "ann" } }], "ann", true],
  ["another user", [{ kind: "User", user: { name: "bob" } }], "ann", false],
  ["every user", [{ kind: "User", user: { name: "*" } }], "ann", true],
  ["the group", [{ kind: "Group", group: { name: "people" } }], "ann", true],
  ["another group", [{ kind: "Group", group: { name: "robots" } }], "ann", false],
  ["the account", [{ kind: "ServiceAccount", serviceAccount: { namespace: "a", name: "robot" } }], account, true],
  ["another account", [{ kind: "ServiceAccount", serviceAccount: { namespace: "a", name: "rob" } }], account, false],
  ["all accounts", [{ kind: "ServiceAccount", serviceAccount: { namespace: "a", name: "*" } }], account, true],
  ["accounts elsewhere", [{ kind: "ServiceAccount", serviceAccount: { namespace: "b", name: "*" } }], account, false],
  [
    "one of several",
    [
      { kind: "User", user: { name: "bob" } },
      { kind: "User", user: { name: "ann" } },
    ],
    "ann",
    true,
  ],
  ["a broken one", [{ kind: "User" }], "ann", false],
])("is about %s", (_what, subjects, user, expected) => {
  expect(matches({ subjects, resourceRules: [all] }, "GET", pods, user)).toBe(expected);
});

it.each<[string, object, string, string, boolean]>([
  ["everything", {}, "GET", pods, true],
  ["the verb", { verbs: ["list"] }, "GET", pods, true],
  ["another verb", { verbs: ["get"] }, "GET", pods, false],
  ["the group", { apiGroups: ["apps"] }, "GET", "/apis/apps/v1/deployments", true],
  ["another group", { apiGroups: ["apps"] }, "GET", pods, false],
  ["the resource", { resources: ["pods"] }, "GET", `${pods}/p`, true],
  ["the resource without its status", { resources: ["pods"] }, "GET", `${pods}/p/status`, false],
  ["the status", { resources: ["pods/status"] }, "GET", `${pods}/p/status`, true],
  ["the namespace", { namespaces: ["a"] }, "GET", pods, true],
  ["another namespace", { namespaces: ["b"] }, "GET", pods, false],
  ["the namespace itself", { namespaces: ["a"], clusterScope: false }, "GET", "/api/v1/namespaces/a", true],
  ["what is in none", { namespaces: [], clusterScope: true }, "GET", "/api/v1/nodes", true],
  ["what is in some", { clusterScope: false }, "GET", "/api/v1/nodes", false],
  ["what is all over", { clusterScope: false }, "GET", "/api/v1/pods", false],
  ["no paths", {}, "GET", "/healthz", false],
])("resource rules: %s", (_what, rule, method, url, expected) => {
  expect(matches({ resourceRules: [{ ...all, ...rule }] }, method, url)).toBe(expected);
});

it.each<[readonly string[], string, boolean]>([
  [["*"], "/anything", true],
  [["/healthz"], "/healthz", true],
  [["/healthz"], "/healthz/ping", true],
  [["/healthz"], "/healthzz", false],
  [["/healthz/*"], "/healthz/ping", true],
  [["/healthz/*"], "/healthz", false],
  [["/livez", "/readyz"], "/readyz", true],
])("paths %j hold %s: %s", (nonResourceURLs, url, expected) => {
  expect(matches({ nonResourceRules: [{ verbs: ["get"], nonResourceURLs: [...nonResourceURLs] }] }, "GET", url)).toBe(
    expected,
  );
  expect(matches({ nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["*"] }] }, "POST", url)).toBe(false);
});

it.each<[FlowSchemaSpec["distinguisherMethod"], string, string]>([
  [undefined, pods, ""],
  [{ type: "ByUser" }, pods, "ann"],
  [{ type: "ByNamespace" }, pods, "a"],
  [{ type: "ByNamespace" }, "/api/v1/namespaces/b", "b"],
  [{ type: "ByNamespace" }, "/healthz", ""],
])("flows are told apart by %j", (distinguisherMethod, url, expected) => {
  const spec: FlowSchemaSpec = {
    priorityLevelConfiguration: { name: "x" },
    ...(distinguisherMethod === undefined ? {} : { distinguisherMethod }),
  };
  expect(distinguisherOf(spec)(requestOf("GET", url))).toBe(expected);
});
