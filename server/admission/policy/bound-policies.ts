import type { MatchResources, ParamRef } from "../../../api/generated/types/admissionregistration-v1.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import type { ObjectReader } from "../object-reader.ts";
import { compileMatch, type CompiledMatch } from "./match-resources.ts";

export interface CompiledBinding {
  readonly name: string;
  /** Undefined: whatever the policy matches. */
  readonly match: CompiledMatch | undefined;
  readonly paramRef: DeepReadonly<ParamRef> | undefined;
  /** Of validating policies: Deny, Warn, Audit. */
  readonly actions: readonly string[];
}

/** A policy that is at work, for it has bindings. */
export interface BoundPolicy<Policy> {
  readonly policy: Policy;
  readonly bindings: readonly CompiledBinding[];
}

interface BindingObject extends KubeObject {
  spec?: {
    policyName?: string;
    paramRef?: ParamRef;
    matchResources?: MatchResources;
    validationActions?: string[];
  };
}

/**
 * The policies that are at work now, by name, each with its bindings, by name. Compiled once for each generation; a
 * policy's own object is compiled once.
 */
export function createBoundPolicies<Object extends KubeObject, Policy>(
  resources: { readonly policies: string; readonly bindings: string },
  compile: (object: DeepReadonly<Object>) => Policy,
  reader: ObjectReader,
): () => Promise<readonly BoundPolicy<Policy>[]> {
  const compiled = new WeakMap<object, Policy>();
  const policyOf = (object: DeepReadonly<Object>): Policy => {
    const policy = compiled.get(object) ?? compile(object);
    compiled.set(object, policy);
    return policy;
  };
  let known: { readonly generation: string; readonly bound: readonly BoundPolicy<Policy>[] } | undefined;
  return async () => {
    const ofBindings = await reader.generation(resources.bindings);
    if (known?.bound.length === 0 && known.generation === `${ofBindings}`) return known.bound;
    const generation = `${ofBindings}/${await reader.generation(resources.policies)}`;
    if (known?.generation !== generation) {
      const bindings = await reader.list<BindingObject>(resources.bindings);
      const policies = bindings.length === 0 ? [] : await reader.list<Object>(resources.policies);
      const bound = bind(policies, bindings, policyOf);
      // Without bindings, policies may come and go.
      known = { generation: bindings.length === 0 ? `${ofBindings}` : generation, bound };
    }
    return known.bound;
  };
}

function bind<Object extends KubeObject, Policy>(
  policies: readonly DeepReadonly<Object>[],
  bindings: readonly DeepReadonly<BindingObject>[],
  policyOf: (object: DeepReadonly<Object>) => Policy,
): readonly BoundPolicy<Policy>[] {
  const byPolicy = new Map<string, CompiledBinding[]>();
  for (const binding of bindings.toSorted(byName)) {
    const { policyName = "", paramRef, matchResources, validationActions = [] } = binding.spec ?? {};
    const known = byPolicy.get(policyName) ?? [];
    byPolicy.set(policyName, known);
    known.push({
      name: nameOf(binding),
      match: matchResources && compileMatch(matchResources),
      paramRef,
      actions: validationActions,
    });
  }
  return policies.toSorted(byName).flatMap((object) => {
    const own = byPolicy.get(nameOf(object));
    return own === undefined ? [] : [{ policy: policyOf(object), bindings: own }];
  });
}

type Named = { readonly metadata?: { readonly name?: string } };

export function nameOf({ metadata }: Named): string {
  return metadata?.name ?? "";
}

function byName(a: Named, b: Named): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}
