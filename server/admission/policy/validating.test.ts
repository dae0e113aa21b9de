import { beforeEach, describe, expect, it } from "vitest";
import type {
  MatchResources,
  ParamRef,
  ValidatingAdmissionPolicySpec,
  Validation,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { admissionRequest, type TrialRequest } from "../objects.testing.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { everything, startPolicies, type PolicyTrial } from "./policies.testing.ts";

let trial: PolicyTrial;
beforeEach(() => {
  trial = startPolicies();
});

const deployment = (replicas = 3, labels: Record<string, string> = {}): KubeObject => {
  const object: object = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "ns", labels },
    spec: { replicas },
  };
  return object;
};
const request = (given: Parameters<typeof admissionRequest>[1] = {}): TrialRequest =>
  admissionRequest("deployments.apps", { object: deployment(), ...given });

async function refused(of: AdmissionRequest = request()): Promise<ApiError | undefined> {
  try {
    await trial.validating.validate?.(of);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
}
const message = async (of?: AdmissionRequest): Promise<string | undefined> =>
  (await refused(of))?.message.replace(
    `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: `,
    "",
  );
const check = (expression: string, more: Partial<Validation> = {}): ValidatingAdmissionPolicySpec => ({
  validations: [{ expression, ...more }],
});

it("refuses as upstream does", async () => {
  trial.validate(check("object.spec.replicas <= 2"));
  const denied =
    "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.spec.replicas <= 2";
  expect((await refused())?.toStatus()).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `deployments.apps "web" is forbidden: ${denied}`,
    reason: "Invalid",
    details: { name: "web", group: "apps", kind: "deployments", causes: [{ message: denied }] },
    code: 422,
  });
});

it.each([
  [undefined, 422],
  ["Invalid", 422],
  ["Forbidden", 403],
  ["Unauthorized", 401],
  ["RequestEntityTooLarge", 413],
])("answers the reason %s with %i", async (reason, code) => {
  trial.validate(check("false", reason === undefined ? {} : { reason }));
  expect(await refused()).toMatchObject({ reason: reason ?? "Invalid", code });
});

describe("an expression", () => {
  it.each([
    ["object.spec.replicas == 3 && object.kind == 'Deployment'"],
    ["oldObject == null"],
    [
      "request.operation == 'CREATE' && request.userInfo.username == 'ann' && 'system:authenticated' in request.userInfo.groups",
    ],
    [
      "request.resource.resource == 'deployments' && request.kind.kind == 'Deployment' && request.requestKind.version == 'v1'",
    ],
    ["request.namespace == 'ns' && request.name == 'web' && request.dryRun == false"],
    ["namespaceObject.metadata.labels['team'] == 'a' && !has(namespaceObject.metadata.annotations)"],
    ["authorizer.group('').resource('pods').namespace('ns').check('get').allowed()"],
    ["!authorizer.requestResource.check('create').allowed()"],
    ["!authorizer.serviceAccount('ns', 'default').group('apps').resource('deployments').check('update').allowed()"],
    ["!has(object.spec.paused)"],
  ])("may be %s", async (expression) => {
    trial.validate(check(expression));
    expect(await message()).toBeUndefined();
  });

  it("sees null for what is not there", async () => {
    trial.validate(check("object == null && oldObject.spec.replicas == 3"));
    const gone = admissionRequest("deployments.apps", { old: deployment() });
    expect(await message(gone)).toBeUndefined();
    trial.validate(check("namespaceObject == null"));
    const node: object = { kind: "Node", metadata: { name: "n" } };
    expect(await refused(admissionRequest("nodes", { object: node }))).toBeUndefined();
  });

  it("asks the authorizer for the request's user, and the same only once", async () => {
    const twice =
      "authorizer.requestResource.check('create').allowed() || authorizer.requestResource.check('create').allowed()";
    trial.validate(check(twice));
    await refused();
    expect(trial.asked).toEqual([
      {
        user: { name: "ann", groups: ["system:authenticated"] },
        verb: "create",
        path: "",
        resource: expect.objectContaining({ group: "apps", resource: "deployments", namespace: "ns", name: "web" }),
      },
    ]);
  });
});

it("waits for what the authorizer cannot decide at once", async () => {
  const may = (verb: string, resource: string): string =>
    `authorizer.group('').resource('${resource}').check('${verb}').allowed()`;
  trial.validate({
    ...check(`variables.watches && ${may("watch", "secrets")} && ${may("watch", "pods")}`),
    matchConditions: [{ name: "a", expression: may("watch", "nodes") }],
    variables: [{ name: "watches", expression: may("watch", "pods") }],
  });
  expect(await message()).toBeUndefined();
  expect(trial.asked.map(({ resource }) => resource?.resource)).toEqual(["nodes", "pods", "secrets"]);
  trial.validate(check(`${may("watch", "pods")} && ${may("create", "pods")}`));
  expect(await message()).toContain("failed expression");
});

describe("the message", () => {
  it.each<[string, Partial<Validation>, string]>([
    ["is the one given", { message: " too many " }, "too many"],
    ["is composed", { message: "x", messageExpression: "'not ' + string(object.spec.replicas)" }, "not 3"],
    ["falls back when composing fails", { message: "x", messageExpression: "object.nope" + " + ''" }, "x"],
    ["falls back when it has lines", { message: "x", messageExpression: "'a\\nb'" }, "x"],
    ["falls back when it is blank", { messageExpression: "'  '" }, "failed expression: false"],
    [
      "falls back when it is long",
      { messageExpression: "['a'].map(a, a).join('') + object.metadata.long" },
      "failed expression: false",
    ],
    [
      "may not ask the authorizer",
      { message: "x", messageExpression: "authorizer.path('/x').check('get').reason()" },
      "x",
    ],
  ])("%s", async (_what, more, expected) => {
    trial.validate(check("false", more));
    const object = deployment();
    Object.assign(object.metadata ?? {}, { long: "x".repeat(6000) });
    expect(await message(request({ object }))).toBe(expected);
  });
});

describe("what fails", () => {
  it.each<[string, string]>([
    ["object.spec.nope == 1", "expression 'object.spec.nope == 1' resulted in error: no such key: nope"],
    ["object.spec.replicas", "compilation error: must evaluate to bool but got dyn"],
    [
      "variables.broken == 1",
      `expression 'variables.broken == 1' resulted in error: composited variable "broken" fails to evaluate: no such key: nope`,
    ],
  ])("%s refuses", async (expression, expected) => {
    const variables = [{ name: "broken", expression: "object.spec.nope" }];
    trial.validate({ ...check(expression), variables });
    expect(await message()).toBe(expected);
    trial.validate({ ...check(expression), variables, failurePolicy: "Ignore" });
    expect(await message()).toBeUndefined();
  });

  it("tells why an expression does not compile", async () => {
    trial.validate(check("object."));
    expect(await message()).toMatch(/^compilation error: compilation failed: ERROR: <input>:1:8: Syntax error: /);
  });
});

describe("variables", () => {
  it("build on each other, and are computed once and only when they are named", async () => {
    trial.validate({
      variables: [
        { name: "replicas", expression: "object.spec.replicas" },
        { name: "double", expression: "variables.replicas * 2" },
        { name: "never", expression: "object.spec.nope" },
      ],
      validations: [
        { expression: "variables.double == 6" },
        { expression: "variables.double + variables.replicas == 9" },
      ],
    });
    expect(await message()).toBeUndefined();
  });

  it("are known to conditions and messages", async () => {
    trial.validate({
      variables: [{ name: "who", expression: "request.userInfo.username" }],
      matchConditions: [{ name: "a", expression: "variables.who == 'ann'" }],
      validations: [{ expression: "false", messageExpression: "'no, ' + variables.who" }],
    });
    expect(await message()).toBe("no, ann");
  });
});

describe("budgets", () => {
  const expensive = "object.spec.list.all(a, object.spec.list.all(b, a + b < 0 || a + b >= 0))";
  const long = (): KubeObject => {
    const object: object = { ...deployment(), spec: { list: Array.from({ length: 1000 }, (_, index) => index) } };
    return object;
  };
  it("end one expression", async () => {
    trial.validate(check(expensive));
    expect(await message(request({ object: long() }))).toBe(
      `expression '${expensive}' resulted in error: operation cancelled: actual cost limit exceeded`,
    );
  });
  it("end all of them together", async () => {
    trial.validate({ validations: Array.from({ length: 12 }, () => ({ expression: expensive })) });
    expect(await message(request({ object: long() }))).toBe(
      "validation failed due to running out of cost budget, no further validation rules will be run",
    );
  });
  it("count variables", async () => {
    trial.validate({
      variables: Array.from({ length: 12 }, (_, index) => ({ name: `v${index}`, expression: expensive })),
      validations: [{ expression: Array.from({ length: 12 }, (_, index) => `variables.v${index}`).join(" && ") }],
    });
    expect(await message(request({ object: long() }))).toBe(
      "validation failed due to running out of cost budget, no further validation rules will be run",
    );
  });
});

describe("match conditions", () => {
  it.each<[string, readonly string[], string, string | undefined]>([
    ["all hold", ["true", "object.spec.replicas == 3"], "Fail", "failed expression: false"],
    ["one is false", ["object.spec.nope", "false"].map((text) => `bool(${text})`), "Fail", undefined],
    [
      "one fails",
      ["object.spec.nope == 1"],
      "Fail",
      "expression 'object.spec.nope == 1' resulted in error: no such key: nope",
    ],
    ["one fails that may", ["object.spec.nope == 1"], "Ignore", undefined],
  ])("decide when %s", async (_what, expressions, failurePolicy, expected) => {
    const matchConditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
    trial.validate({ ...check("false"), matchConditions, failurePolicy });
    expect(await message()).toBe(expected);
  });
});

describe("which requests are judged", () => {
  const apps = { ...everything, apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] };
  const matches: readonly [string, MatchResources, boolean][] = [
    ["those of a rule", { resourceRules: [apps] }, true],
    ["not those of another rule", { resourceRules: [{ ...apps, operations: ["DELETE"] }] }, false],
    ["not those of another name", { resourceRules: [{ ...apps, resourceNames: ["db"] }] }, false],
    ["those of a name", { resourceRules: [{ ...apps, resourceNames: ["db", "web"] }] }, true],
    ["not what is excluded", { resourceRules: [everything], excludeResourceRules: [apps] }, false],
    [
      "what is not excluded",
      { resourceRules: [everything], excludeResourceRules: [{ ...apps, resourceNames: ["db"] }] },
      true,
    ],
    ["those of objects with labels", { resourceRules: [apps], objectSelector: { matchLabels: { app: "web" } } }, true],
    ["not those of other objects", { resourceRules: [apps], objectSelector: { matchLabels: { app: "db" } } }, false],
    ["those of a namespace", { resourceRules: [apps], namespaceSelector: { matchLabels: { team: "a" } } }, true],
    ["not those of another", { resourceRules: [apps], namespaceSelector: { matchLabels: { team: "b" } } }, false],
  ];
  const labelled = (): TrialRequest => request({ object: deployment(3, { app: "web" }) });
  it.each(matches)("%s", async (_what, matchConstraints, isJudged) => {
    trial.validate({ ...check("false"), matchConstraints });
    expect(await message(labelled())).toBe(isJudged ? "failed expression: false" : undefined);
  });
  it.each(matches)("%s, as the binding says", async (_what, matchResources, isJudged) => {
    trial.validate(check("false"), { matchResources });
    expect(await message(labelled())).toBe(isJudged ? "failed expression: false" : undefined);
  });
  it("those of an equivalent version, in that version", async () => {
    const object: object = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "h", namespace: "ns" },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: "Deployment", name: "d" },
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
        ],
      },
    };
    const scaler = (): AdmissionRequest => admissionRequest("horizontalpodautoscalers.autoscaling", { object });
    const rule = { ...everything, apiVersions: ["v1"] };
    const expression =
      "object.spec.targetCPUUtilizationPercentage == 70 && request.kind.version == 'v1' && request.requestKind.version == 'v2'";
    trial.validate({ ...check(expression), matchConstraints: { matchPolicy: "Equivalent", resourceRules: [rule] } });
    expect(await refused(scaler())).toBeUndefined();
    trial.validate({ ...check("false"), matchConstraints: { matchPolicy: "Exact", resourceRules: [rule] } });
    expect(await refused(scaler())).toBeUndefined();
  });
  it.each(["validatingadmissionpolicies", "mutatingadmissionpolicybindings"])("never those of %s", async (plural) => {
    trial.validate(check("false"));
    const object = { metadata: { name: "x" } };
    expect(await refused(admissionRequest(`${plural}.admissionregistration.k8s.io`, { object }))).toBeUndefined();
  });
  it("none, when nothing is bound", async () => {
    trial.validate(check("false"));
    trial.objects.remove("validatingadmissionpolicybindings.admissionregistration.k8s.io", "", "b");
    expect(await refused()).toBeUndefined();
    trial.validate(check("false"));
    expect(await refused()).toBeDefined();
    trial.objects.remove("validatingadmissionpolicies.admissionregistration.k8s.io", "", "p");
    expect(await refused()).toBeUndefined();
  });
  it("by the first policy that refuses", async () => {
    trial.validate(check("false"), {}, "p2");
    trial.validate(check("false"), {}, "p1");
    expect((await refused())?.message).toContain("'p1' with binding 'b1'");
  });
});

describe("actions", () => {
  it("warn and audit, and let pass", async () => {
    trial.validate(check("object.spec.replicas < 3", { message: "<too> many" }), {
      validationActions: ["Warn", "Audit"],
    });
    const sent = request();
    expect(await refused(sent)).toBeUndefined();
    expect(sent.warnings).toEqual(["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': <too> many"]);
    expect([...sent.annotations]).toEqual([
      [
        "validation.policy.admission.k8s.io/validation_failure",
        String.raw`[{"message":"\u003ctoo\u003e many","policy":"p","binding":"b","expressionIndex":0,"validationActions":["Warn","Audit"]}]`,
      ],
    ]);
  });
  it("tell a failed evaluation too", async () => {
    trial.validate(check("object.spec.nope == 1"), { validationActions: ["Warn"] });
    const sent = request();
    expect(await refused(sent)).toBeUndefined();
    expect(sent.warnings[0]).toContain("no such key: nope");
  });
});

describe("audit annotations", () => {
  it("are told whatever the outcome", async () => {
    trial.validate({
      auditAnnotations: [
        { key: "replicas", valueExpression: "string(object.spec.replicas)" },
        { key: "none", valueExpression: "' '" },
        { key: "null", valueExpression: "null" },
      ],
    });
    const sent = request();
    expect(await refused(sent)).toBeUndefined();
    expect([...sent.annotations]).toEqual([["p/replicas", "3"]]);
  });
  it("refuse when they fail, whatever the actions", async () => {
    trial.validate(
      { auditAnnotations: [{ key: "a", valueExpression: "string(object.nope)" }] },
      { validationActions: ["Audit"] },
    );
    expect(await message()).toBe("expression 'string(object.nope)' resulted in error: no such key: nope");
  });
});

describe("parameters", () => {
  const spec: ValidatingAdmissionPolicySpec = {
    paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    validations: [
      {
        expression: "params == null || object.spec.replicas <= int(params.data.max)",
        messageExpression: "'at most ' + params.data.max",
      },
    ],
  };
  const limit = (name: string, max: number, namespace = "ns"): KubeObject => {
    const object: object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace, labels: { limit: "yes" } },
      data: { max: `${max}` },
    };
    return object;
  };
  const byLabel = { selector: { matchLabels: { limit: "yes" } } };

  it.each<[string, Partial<ParamRef> | undefined, string | undefined]>([
    ["none", undefined, undefined],
    ["one of the request's namespace", { name: "two" }, "at most 2"],
    ["one that lets pass", { name: "three" }, undefined],
    ["one of another namespace", { name: "two", namespace: "limits" }, "at most 1"],
    ["all of a label", byLabel, "at most 2"],
    [
      "one that is not there",
      { name: "none", parameterNotFoundAction: "Deny" },
      "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
    ],
    ["one that may be absent", { name: "none", parameterNotFoundAction: "Allow" }, undefined],
    ["none of a label", { selector: { matchLabels: { limit: "no" } } }, undefined],
  ])("may be %s", async (_what, paramRef, expected) => {
    trial.objects.put("configmaps", limit("two", 2));
    trial.objects.put("configmaps", limit("three", 3));
    trial.objects.put("configmaps", limit("two", 1, "limits"));
    trial.validate(spec, paramRef === undefined ? {} : { paramRef });
    expect(await message()).toBe(expected);
  });

  it("of a cluster are in no namespace", async () => {
    const paramKind = { apiVersion: "v1", kind: "Namespace" };
    trial.validate({ paramKind, ...check("params.metadata.name == 'ns'") }, { paramRef: { name: "ns" } });
    expect(await message()).toBeUndefined();
    trial.validate({ paramKind, ...check("true") }, { paramRef: { name: "ns", namespace: "ns" } });
    expect(await message()).toBe(
      "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`",
    );
  });

  it("need a namespace", async () => {
    trial.validate(spec, { paramRef: { name: "two" } });
    const object: object = { kind: "Node", metadata: { name: "n" } };
    expect((await refused(admissionRequest("nodes", { object })))?.message).toBe(
      `nodes "n" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources`,
    );
  });

  it("must be of a known kind", async () => {
    trial.validate({ ...spec, paramKind: { apiVersion: "example.com/v1", kind: "Limit" } });
    const text =
      "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'";
    expect((await refused())?.message).toContain(`ValidatingAdmissionPolicy 'p' denied request: ${text}`);
    trial.validate({ ...spec, paramKind: { apiVersion: "example.com/v1", kind: "Limit" }, failurePolicy: "Ignore" });
    expect(await refused()).toBeUndefined();
  });

  it("are seen in the version of their kind", async () => {
    const object: object = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "h", namespace: "ns" },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "d" } },
    };
    trial.objects.put("horizontalpodautoscalers.autoscaling", object);
    const paramKind = { apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler" };
    trial.validate({ paramKind, ...check("params.apiVersion == 'autoscaling/v1'") }, { paramRef: { name: "h" } });
    expect(await message()).toBeUndefined();
  });
});
