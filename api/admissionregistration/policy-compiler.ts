import {
  CelError,
  CelProgramError,
  type CelEnvironment,
  type CelField,
  type CelProgram,
  type CelType,
} from "../cel/cel.ts";
import { createCelEnvironment } from "../cel/environment.ts";
import { applyConfigurationType, jsonPatchesType } from "../cel/mutation.ts";
import { typeText } from "../cel/types/type.ts";
import { authorizedPolicyVariables, policyVariables, requestVariables } from "./expression-variables.ts";

/** An expression that can be run, or why it cannot, in upstream's words. */
export type Compiled = { readonly program: CelProgram } | Problem;

interface Problem {
  readonly problem: string;
  /** What parser and type checker have found, if it is that. */
  readonly issues?: string;
  /** Nothing that its author could have known. */
  readonly internal: boolean;
}

/** What an expression is for: that says what it must evaluate to, and what it may name. */
export type Purpose = "condition" | "message" | "annotation" | "applyConfiguration" | "jsonPatch" | "variable";

/** Compiles the expressions of one policy. */
export interface PolicyCompiler {
  compile(expression: string, purpose: Purpose): Compiled;
  /** What is compiled after it may name it as `variables.name`. */
  variable(name: string, expression: string): Compiled;
}

interface PolicyCompilerOptions {
  readonly hasParams: boolean;
  /** False: `variables` means nothing. */
  readonly hasVariables: boolean;
  /** Of `object` and `oldObject`, and of `params`; dyn where it is not known. */
  readonly object?: CelType;
  readonly params?: CelType;
}

const bool: CelType = { type: "bool" };
const string: CelType = { type: "string" };
const nothing: CelType = { type: "null" };
const dyn: CelType = { type: "dyn" };

const results: Readonly<Record<Purpose, readonly CelType[]>> = {
  condition: [bool],
  message: [string],
  annotation: [string, nothing],
  applyConfiguration: [applyConfigurationType],
  jsonPatch: [jsonPatchesType],
  /** Anything. */
  variable: [],
};

export function createPolicyCompiler(options: PolicyCompilerOptions): PolicyCompiler {
  const fields = new Map<string, CelField>();
  const composed: CelType = { type: "object", of: { name: "kubernetes.variables", field: (name) => fields.get(name) } };
  const { object = dyn, params = dyn } = options;
  const own = {
    object,
    oldObject: object,
    ...(options.hasParams ? { params } : {}),
    ...(options.hasVariables ? { variables: composed } : {}),
  };
  const plain = createCelEnvironment({ variables: { ...policyVariables, ...own } });
  const variables = { ...authorizedPolicyVariables, ...own };
  const authorized = createCelEnvironment({ variables });
  const mutating = createCelEnvironment({ variables, libraries: ["mutation"] });
  const environmentFor = (purpose: Purpose): CelEnvironment => {
    if (purpose === "message") return plain;
    return purpose === "applyConfiguration" || purpose === "jsonPatch" ? mutating : authorized;
  };
  return {
    compile: (expression, purpose) => compile(expression, results[purpose], environmentFor(purpose)),
    variable(name, expression) {
      const compiled = compile(expression, results.variable, authorized);
      const type = "program" in compiled ? variableType(compiled.program.returns) : dyn;
      fields.set(name, { type, jsonName: name });
      return compiled;
    },
  };
}

const ofWebhooks = createCelEnvironment({ variables: requestVariables });

/** A match condition of a webhook. */
export function compileWebhookCondition(expression: string): Compiled {
  return compile(expression, results.condition, ofWebhooks);
}

function compile(text: string, results: readonly CelType[], environment: CelEnvironment): Compiled {
  try {
    const program = environment.compile(text);
    const returns = typeName(program.returns);
    if (results.length === 0 || results.some((type) => typeName(type) === returns)) return { program };
    const names = results.map(typeName);
    const wanted = names.length === 1 ? (names[0] ?? "") : `one of [${names.join(" ")}]`;
    return { problem: `must evaluate to ${wanted} but got ${returns}`, internal: false };
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    const { message } = thrown;
    if (thrown instanceof CelProgramError)
      return { problem: `program instantiation failed: ${message}`, internal: true };
    return { problem: `compilation failed: ${message}`, issues: message, internal: false };
  }
}

function typeName(type: CelType): string {
  return type.type === "null" ? "null_type" : typeText(type);
}

/** What later expressions know of a variable's type: upstream forgets the fields of objects. */
function variableType(type: CelType): CelType {
  switch (type.type) {
    case "list":
      return { type: "list", of: variableType(type.of) };
    case "map":
      return { type: "map", ...(type.key === undefined ? {} : { key: type.key }), of: variableType(type.of) };
    case "object":
    case "optional":
    case "opaque":
      return dyn;
    case "string":
    case "bytes":
      return { type: type.type };
    default:
      return type;
  }
}
