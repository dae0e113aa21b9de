import { CelError, CelProgramError, type CelField, type CelProgram, type CelType } from "../../../api/cel/cel.ts";
import { createCelEnvironment } from "../../../api/cel/environment.ts";
import { ListValue } from "../../../api/cel/values/list.ts";
import type { UserInfo } from "../../../api/wire.ts";
import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad } from "../../../api/machinery/findings.ts";
import { TokenError } from "../token-authenticator.ts";
import { ClaimsMap } from "./claims-map.ts";

/** What an expression answers: a CEL value. Throws TokenError when it fails. */
export interface ClaimExpression {
  readonly text: string;
  evaluate(claims: ClaimsMap): unknown;
}

export interface UserExpression {
  readonly text: string;
  evaluate(user: UserInfo): unknown;
}

const text: CelType = { type: "string" };
const bool: CelType = { type: "bool" };
const texts: CelType = { type: "list", of: text };

function userType(): CelType {
  const types: Readonly<Record<string, CelType>> = {
    username: text,
    uid: text,
    groups: texts,
    extra: { type: "map", of: texts },
  };
  const fields = new Map(
    Object.entries(types).map(([jsonName, type]): [string, CelField] => [jsonName, { type, jsonName }]),
  );
  return { type: "object", of: { name: "kubernetes.UserInfo", field: (name) => fields.get(name) } };
}

const ofClaims = createCelEnvironment({ variables: { claims: { type: "map", of: { type: "dyn" } } } });
const ofUsers = createCelEnvironment({ variables: { user: userType() } });

type Compiled<T> = { readonly expression: T } | { readonly problem: FieldError };

/** A claim mapping may answer anything, for nobody knows what claims are; a rule must answer true or false. */
export function compileClaimExpression(
  source: string,
  field: string,
  as: "mapping" | "rule",
): Compiled<ClaimExpression> {
  return compiled(source, field, () => {
    const program = ofClaims.compile(source, as === "rule" ? { returns: [bool] } : {});
    return { text: source, evaluate: (claims) => run(program, { claims }) };
  });
}

export function compileUserRule(source: string, field: string): Compiled<UserExpression> {
  return compiled(source, field, () => {
    const program = ofUsers.compile(source, { returns: [bool] });
    return { text: source, evaluate: (user) => run(program, { user: userInput(user) }) };
  });
}

function userInput({ name, uid = "", groups, extra = {} }: UserInfo): object {
  return { username: name, uid, groups, extra: new ClaimsMap(extra) };
}

function compiled<T>(source: string, field: string, compile: () => T): Compiled<T> {
  try {
    return { expression: compile() };
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    const { message } = thrown;
    if (thrown instanceof CelProgramError)
      return { problem: { type: "InternalError", field, detail: `program instantiation failed: ${message}` } };
    const isResult = message.startsWith("must evaluate to");
    return { problem: bad(field, source, isResult ? message : `compilation failed: ${message}`) };
  }
}

/** The bound of one expression is CEL's own. */
function run(program: CelProgram, variables: Readonly<Record<string, object>>): unknown {
  try {
    return program.evaluate(variables, { remaining: Number.MAX_SAFE_INTEGER });
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    throw new TokenError(`expression '${program.text}' resulted in error: ${thrown.message}`);
  }
}

/** The texts that an expression answered, one or a list, without empty ones; undefined for an answer of another kind. */
export function textsOf(value: unknown): readonly string[] | undefined {
  if (value === null) return [];
  const found = value instanceof ListValue ? [...value] : [value];
  return found.every((one) => typeof one === "string") ? found.filter((one) => one !== "") : undefined;
}
