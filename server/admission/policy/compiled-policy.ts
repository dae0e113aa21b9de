import type {
  MatchCondition,
  MatchResources,
  ParamKind,
  Variable,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import {
  createPolicyCompiler,
  type Compiled,
  type PolicyCompiler,
  type Purpose,
} from "../../../api/admissionregistration/policy-compiler.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { compileMatch, type CompiledMatch } from "./match-resources.ts";

export interface Expression {
  readonly text: string;
  readonly compiled: Compiled;
}

/** What both kinds of policies have. */
export interface CompiledPolicy {
  readonly name: string;
  /** What goes wrong is passed over: failurePolicy Ignore. */
  readonly failsOpen: boolean;
  readonly match: CompiledMatch;
  readonly paramKind: DeepReadonly<ParamKind> | undefined;
  readonly conditions: readonly Expression[];
  readonly variables: ReadonlyMap<string, Compiled>;
  /** Whether any expression names `namespaceObject`, which has to be read. */
  readonly namesNamespace: boolean;
}

interface PolicySpec {
  readonly failurePolicy?: string;
  readonly matchConstraints?: DeepReadonly<MatchResources>;
  readonly paramKind?: DeepReadonly<ParamKind>;
  readonly matchConditions?: readonly DeepReadonly<MatchCondition>[];
  readonly variables?: readonly DeepReadonly<Variable>[];
}

/** `ofOwn` compiles what only one of the kinds has. */
export function compilePolicy<Own>(
  name: string,
  spec: PolicySpec,
  ofOwn: (compile: (text: string, purpose: Purpose) => Expression) => Own,
): CompiledPolicy & Own {
  const compiler = createPolicyCompiler({ hasParams: spec.paramKind !== undefined, hasVariables: true });
  const all: Compiled[] = [];
  const keep = (compiled: Compiled): Compiled => {
    all.push(compiled);
    return compiled;
  };
  const variables = compileVariables(spec.variables ?? [], compiler, keep);
  const compile = (text: string, purpose: Purpose): Expression => ({
    text,
    compiled: keep(compiler.compile(text, purpose)),
  });
  const conditions = (spec.matchConditions ?? []).map(({ expression }) => compile(expression, "condition"));
  const own = ofOwn(compile);
  return {
    name,
    failsOpen: spec.failurePolicy === "Ignore",
    match: compileMatch(spec.matchConstraints ?? {}),
    paramKind: spec.paramKind,
    conditions,
    variables,
    namesNamespace: all.some((one) => "program" in one && one.program.variables.has("namespaceObject")),
    ...own,
  };
}

function compileVariables(
  variables: readonly DeepReadonly<Variable>[],
  compiler: PolicyCompiler,
  keep: (compiled: Compiled) => Compiled,
): ReadonlyMap<string, Compiled> {
  return new Map(variables.map(({ name, expression }) => [name, keep(compiler.variable(name, expression))]));
}
