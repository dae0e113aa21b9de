/** Which questions a webhook is asked. */
import type { SubjectAccessReviewSpec } from "../../../api/generated/types/authorization-v1.ts";
import {
  CelError,
  CelProgramError,
  type CelEnvironment,
  type CelField,
  type CelProgram,
  type CelType,
} from "../../../api/cel/cel.ts";
import { createCelEnvironment } from "../../../api/cel/environment.ts";
import { typeText } from "../../../api/cel/types/type.ts";

const text: CelType = { type: "string" };
const texts: CelType = { type: "list", of: text };

function object(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  const known = new Map<string, CelField>(
    Object.entries(fields).map(([jsonName, type]) => [jsonName, { type, jsonName }]),
  );
  return { type: "object", of: { name, field: (field) => known.get(field) } };
}

const requirement = object("kubernetes.SelectorRequirement", { key: text, operator: text, values: texts });
const selector = (name: string): CelType =>
  object(name, { rawSelector: text, requirements: { type: "list", of: requirement } });

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization */
const request = object("kubernetes.SubjectAccessReviewSpec", {
  resourceAttributes: object("kubernetes.ResourceAttributes", {
    ...{ namespace: text, verb: text, group: text, version: text, resource: text, subresource: text, name: text },
    fieldSelector: selector("kubernetes.FieldSelectorAttributes"),
    labelSelector: selector("kubernetes.LabelSelectorAttributes"),
  }),
  nonResourceAttributes: object("kubernetes.NonResourceAttributes", { path: text, verb: text }),
  user: text,
  groups: texts,
  extra: { type: "map", of: texts },
  uid: text,
});

/** More than so many expressions may spend, each of which has a limit of its own. */
const budget = 100_000_000;

export function conditionEnvironment(): CelEnvironment {
  return createCelEnvironment({ variables: { request } });
}

/** Throws CelError with upstream's words for what is wrong. */
export function compileCondition(environment: CelEnvironment, expression: string): CelProgram {
  const program = compiled(environment, expression);
  const type = typeText(program.returns);
  if (type !== "bool") throw new CelError(`must evaluate to bool but got ${type}`);
  return program;
}

function compiled(environment: CelEnvironment, expression: string): CelProgram {
  try {
    return environment.compile(expression);
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    const what = thrown instanceof CelProgramError ? "program instantiation failed" : "compilation failed";
    throw new CelError(`${what}: ${thrown.message}`, { cause: thrown });
  }
}

/** Whether all hold. One that is false decides, whatever became of the others; without one, failures are told. */
export function holds(
  conditions: readonly CelProgram[],
  spec: SubjectAccessReviewSpec,
): boolean | { readonly problem: string } {
  if (conditions.length === 0) return true;
  const variables = { request: shown(spec) };
  const problems: string[] = [];
  for (const program of conditions) {
    try {
      if (program.evaluate(variables, { remaining: budget }) !== true) return false;
    } catch (thrown) {
      if (!(thrown instanceof CelError)) throw thrown;
      problems.push(`cel evaluation error: expression '${program.text}' resulted in error: ${thrown.message}`);
    }
  }
  if (problems.length === 0) return true;
  return { problem: problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]` };
}

const noAttributes = { namespace: "", verb: "", group: "", version: "", resource: "", subresource: "", name: "" };

/** Expressions see empty texts, too. */
function shown({
  resourceAttributes,
  nonResourceAttributes,
  user = "",
  uid = "",
  groups = [],
  extra = {},
}: SubjectAccessReviewSpec): object {
  return {
    ...{ user, uid, groups, extra },
    ...(resourceAttributes === undefined ? {} : { resourceAttributes: { ...noAttributes, ...resourceAttributes } }),
    ...(nonResourceAttributes === undefined ? {} : { nonResourceAttributes }),
  };
}
