import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage, type Stage } from "../kubectl/stage.ts";
import type { Outcome } from "../program.ts";

/** Policies in CEL, bound to the namespaces of one test by a label. */
describe("admission policies", () => {
  let stage: Stage;
  const api = "admissionregistration.k8s.io/v1";

  beforeAll(async () => {
    stage = await openStage(36, "policies");
    await stage.ok("label", "namespace", stage.namespace, `conformance=${stage.run}`);
  });
  afterAll(async () => {
    const kinds = ["validatingadmissionpolicy", "mutatingadmissionpolicy"].flatMap((kind) => [kind, `${kind}binding`]);
    await stage.kubectl.run(["delete", kinds.join(","), "-l", `conformance=${stage.run}`]);
    await stage[Symbol.asyncDispose]();
  });

  const create = (one: object, ...args: readonly string[]): Promise<Outcome> =>
    stage.kubectl.run(["create", "-n", stage.namespace, "-f", "-", ...args], { stdin: JSON.stringify(one) });
  const made = async (...objects: readonly object[]): Promise<void> => {
    const stdin = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], { stdin });
  };
  const config = (name: string, data: object, labels: object = {}): object => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, labels },
    data,
  });
  const named = (name: string): object => ({
    name: `conformance-${name}-${stage.run}`,
    labels: { conformance: stage.run },
  });
  const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] };
  const policyName = (name: string): string => `conformance-${name}-${stage.run}`;
  /** A policy for config maps with a label of the policy's name, and its binding. */
  const policy = (kind: "Validating" | "Mutating", name: string, spec: object, binding: object = {}): object[] => [
    {
      apiVersion: api,
      kind: `${kind}AdmissionPolicy`,
      metadata: named(name),
      spec: {
        failurePolicy: "Fail",
        matchConstraints: { resourceRules: [rule], objectSelector: { matchLabels: { policy: name } } },
        ...spec,
      },
    },
    {
      apiVersion: api,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata: named(name),
      spec: {
        policyName: policyName(name),
        matchResources: { namespaceSelector: { matchLabels: { conformance: stage.run } } },
        ...(kind === "Validating" ? { validationActions: ["Deny"] } : {}),
        ...binding,
      },
    },
  ];
  /** A policy works soon after it was made, not at once. */
  async function eventually(attempt: () => Promise<Outcome>, settled: (outcome: Outcome) => boolean): Promise<Outcome> {
    for (let left = 20; ; left -= 1) {
      const outcome = await attempt();
      if (settled(outcome) || left === 0) return outcome;
    }
  }
  const denied = (one: object): Promise<Outcome> =>
    eventually(
      () => create(one, "--dry-run=server"),
      ({ code }) => code !== 0,
    );

  test("a validation that fails is told with its message and reason", async () => {
    await made(
      ...policy("Validating", "cargo", {
        variables: [{ name: "tons", expression: "int(object.data.tons)" }],
        validations: [
          {
            expression: "variables.tons <= 10",
            messageExpression: "'no room for ' + string(variables.tons) + ' tons'",
          },
          { expression: "!('cat' in object.data)", message: "no cats", reason: "Forbidden" },
          { expression: "oldObject == null || object.data.tons == oldObject.data.tons" },
        ],
      }),
    );
    const said = `ValidatingAdmissionPolicy '${policyName("cargo")}' with binding '${policyName("cargo")}' denied request: `;
    const heavy = await denied(config("heavy", { tons: "20" }, { policy: "cargo" }));
    expect(heavy.stderr).toBe(`The configmaps "heavy" is invalid: : ${said}no room for 20 tons\n`);
    const cat = await create(config("cat", { tons: "1", cat: "1" }, { policy: "cargo" }));
    expect(cat.stderr).toBe(
      `Error from server (Forbidden): error when creating "STDIN": configmaps "cat" is forbidden: ${said}no cats\n`,
    );
    expect((await create(config("light", { tons: "1" }, { policy: "cargo" }))).code).toBe(0);
    expect(await stage.refused("patch", "configmap", "light", "--type=merge", "-p", '{"data":{"tons":"2"}}')).toContain(
      `${said}failed expression: oldObject == null || object.data.tons == oldObject.data.tons`,
    );
    const broken = await create(config("broken", {}, { policy: "cargo" }));
    expect(broken.stderr).toContain("resulted in error");
  });

  test("parameters, conditions, warnings", async () => {
    await made(
      config("limits", { most: "3" }),
      ...policy(
        "Validating",
        "params",
        {
          paramKind: { apiVersion: "v1", kind: "ConfigMap" },
          matchConditions: [{ name: "not-exempt", expression: "!('exempt' in object.data)" }],
          validations: [{ expression: "size(object.data) <= int(params.data.most)", message: "too much" }],
        },
        {
          paramRef: { name: "limits", namespace: stage.namespace, parameterNotFoundAction: "Deny" },
          validationActions: ["Warn"],
        },
      ),
    );
    const many = { a: "", b: "", c: "", d: "" };
    const warned = await eventually(
      () => create(config("many", many, { policy: "params" }), "--dry-run=server"),
      ({ stderr }) => stderr !== "",
    );
    expect(warned).toMatchObject({
      code: 0,
      stderr: `Warning: Validation failed for ValidatingAdmissionPolicy '${policyName("params")}' with binding '${policyName("params")}': too much\n`,
    });
    expect((await create(config("exempt", { ...many, exempt: "" }, { policy: "params" }))).stderr).toBe("");
    expect((await create(config("few", { a: "" }, { policy: "params" }))).stderr).toBe("");
  });

  test("a policy whose expressions cannot be is refused", async () => {
    const [one] = policy("Validating", "wrong", { validations: [{ expression: "object.data +" }] });
    expect((await create(one ?? {})).stderr).toContain("spec.validations[0].expression: Invalid value: ");
    expect((await create(one ?? {})).stderr).toContain("compilation failed: ERROR: <input>:1:14: Syntax error");
  });

  test("a mutation is applied, by configuration and by JSON patch", async () => {
    await made(
      ...policy("Mutating", "fill", {
        reinvocationPolicy: "Never",
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'filled': 'yes'}}}" },
          },
          {
            patchType: "JSONPatch",
            jsonPatch: {
              expression:
                "[JSONPatch{op: 'add', path: '/data/by', value: 'policy of ' + object.metadata.labels.filled}]",
            },
          },
        ],
      }),
    );
    await eventually(
      () =>
        create(config("mutated", { own: "1" }, { policy: "fill" }), "--dry-run=server", "-o", "jsonpath={.data.by}"),
      ({ stdout }) => stdout !== "",
    );
    expect((await create(config("mutated", { own: "1" }, { policy: "fill" }))).code).toBe(0);
    expect(await stage.json("get", "configmap", "mutated")).toMatchObject({
      metadata: { labels: { policy: "fill", filled: "yes" } },
      data: { own: "1", by: "policy of yes" },
    });
  });
});
