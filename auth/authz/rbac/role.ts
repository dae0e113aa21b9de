import { compileRules, type CompiledRules } from "./compiled-rules.ts";
import type { Question } from "./question.ts";
import type { Rule } from "./rule.ts";

/** A role that is there, or that bindings refer to; whoever holds it always sees its present rules. */
export class Role {
  readonly kind: string;
  readonly name: string;
  /** How many bindings refer to it. */
  references = 0;
  #rules: readonly Rule[] | undefined;
  #compiled: CompiledRules | undefined;

  constructor(kind: string, name: string) {
    this.kind = kind;
    this.name = name;
  }

  /** Undefined while there is no such role. */
  get rules(): readonly Rule[] | undefined {
    return this.#rules;
  }

  set rules(rules: readonly Rule[] | undefined) {
    this.#rules = rules;
    this.#compiled = undefined;
  }

  allows(question: Question): boolean {
    if (this.#rules === undefined) return false;
    this.#compiled ??= compileRules(this.#rules);
    return this.#compiled.allow(question);
  }

  /** What is to be told of a role that is missing. */
  get problem(): string | undefined {
    if (this.#rules !== undefined) return undefined;
    return `${this.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(this.name)} not found`;
  }
}
