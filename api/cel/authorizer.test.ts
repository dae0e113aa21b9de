import { expect, it } from "vitest";
import {
  authorizerTypeName,
  requestResource,
  resourceCheckTypeName,
  type CelAttributes,
  type CelAuthorizer,
  type CelDecision,
} from "./authorizer.ts";
import { createCelEnvironment } from "./environment.ts";

const environment = createCelEnvironment({
  variables: {
    authorizer: { type: "opaque", name: authorizerTypeName },
    "authorizer.requestResource": { type: "opaque", name: resourceCheckTypeName },
  },
});

function ask(text: string, decision: CelDecision = { decision: "allow" }): { answer: unknown; asked: CelAttributes[] } {
  const asked: CelAttributes[] = [];
  const authorizer: CelAuthorizer = {
    check(attributes) {
      asked.push(attributes);
      return decision;
    },
  };
  const pod = { group: "", resource: "pods", subresource: "exec", namespace: "prod", name: "web" };
  const inputs = { authorizer, "authorizer.requestResource": requestResource(authorizer, pod) };
  return { answer: environment.compile(text).evaluate(inputs, { remaining: 1_000_000 }), asked };
}

const none = { subresource: "", namespace: "", name: "", fieldSelector: "", labelSelector: "" };

it.each<[string, CelAttributes]>([
  ["authorizer.path('/healthz').check('get')", { verb: "get", path: "/healthz" }],
  [
    "authorizer.group('apps').resource('deployments').check('list')",
    { verb: "list", resource: { group: "apps", resource: "deployments", ...none } },
  ],
  [
    "authorizer.group('').resource('pods').subresource('log').namespace('a').name('b').check('get')",
    { verb: "get", resource: { ...none, group: "", resource: "pods", subresource: "log", namespace: "a", name: "b" } },
  ],
  [
    "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=n').labelSelector('a=b').check('list')",
    {
      verb: "list",
      resource: { ...none, group: "", resource: "pods", fieldSelector: "spec.nodeName=n", labelSelector: "a=b" },
    },
  ],
  [
    "authorizer.serviceAccount('ns', 'robot').group('').resource('pods').check('get')",
    {
      verb: "get",
      serviceAccount: { namespace: "ns", name: "robot" },
      resource: { group: "", resource: "pods", ...none },
    },
  ],
  [
    "authorizer.requestResource.check('create')",
    {
      verb: "create",
      resource: { ...none, group: "", resource: "pods", subresource: "exec", namespace: "prod", name: "web" },
    },
  ],
])("%s", (text, attributes) => {
  const { answer, asked } = ask(`${text}.allowed()`);
  expect(answer).toBe(true);
  expect(asked).toEqual([attributes]);
});

it.each<[string, CelDecision, unknown]>([
  ["allowed()", { decision: "deny", reason: "no" }, false],
  ["allowed()", { decision: "noOpinion" }, false],
  ["reason()", { decision: "deny", reason: "no" }, "no"],
  ["errored()", { decision: "noOpinion", error: "down" }, true],
  ["error()", { decision: "noOpinion", error: "down" }, "down"],
  ["error()", { decision: "allow" }, ""],
])("%s of a decision", (call, decision, answer) => {
  expect(ask(`authorizer.path('/x').check('get').${call}`, decision).answer).toBe(answer);
});

it.each([
  ["authorizer.path(' ')", "path must not be empty"],
  ["authorizer.group('').resource('')", "resource must not be empty"],
  ["authorizer.serviceAccount('a.b', 'c')", "Invalid service account namespace"],
  ["authorizer.serviceAccount('a', 'C')", "Invalid service account name"],
])("%s", (text, message) => {
  expect(() => ask(text)).toThrow(message);
});

it("lets one expression check twice", () => {
  const check = "authorizer.path('/x').check('get').allowed()";
  expect(ask(`${check} && ${check}`).answer).toBe(true);
  expect(() => ask(`${check} && ${check} && ${check}`)).toThrow("actual cost limit exceeded");
});
