import type { Namespace } from "../../../api/generated/types/core-v1.ts";
import { notFound } from "../../../api/machinery/status.ts";
import type { KindVersion } from "../../encoding/kind.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { namespaceOf } from "../webhook/selectors.ts";
import { isAbout, namespaces } from "../written.ts";
import type { BoundPolicy, CompiledBinding } from "./bound-policies.ts";
import type { CompiledPolicy } from "./compiled-policy.ts";
import { namespaceInput } from "./inputs.ts";
import { ConfigurationError, matchedVersion } from "./match-resources.ts";
import { collectParams, paramResource, type ParamDeps, type Params } from "./params.ts";

/** A policy that is to be asked about a request: once for each binding and each of its parameters. */
export interface Invocation<Policy> {
  readonly policy: Policy;
  readonly binding: CompiledBinding;
  readonly params: Params;
  /** The version in which its expressions see the objects. */
  readonly version: KindVersion;
}

/** A policy that cannot be asked, as its message says. */
export interface Misconfigured<Policy> {
  readonly policy: Policy;
  /** Undefined: the policy itself is wrong. */
  readonly binding: CompiledBinding | undefined;
  readonly problem: string;
}

export type Found<Policy> = Invocation<Policy> | Misconfigured<Policy>;

/** In the order of policies and bindings. */
export async function findInvocations<Policy extends CompiledPolicy>(
  bound: readonly BoundPolicy<Policy>[],
  request: AdmissionRequest,
  deps: ParamDeps,
): Promise<readonly Found<Policy>[]> {
  const found: Found<Policy>[] = [];
  for (const { policy, bindings } of bound) {
    try {
      const version = await matchedVersion(policy.match, request, deps.reader);
      if (version === undefined) continue;
      const resource = paramResource(policy, deps);
      for (const binding of bindings)
        found.push(...(await ofBinding({ policy, binding, version }, resource, request, deps)));
    } catch (thrown) {
      const problem = `failed to configure policy: ${problemOf(thrown)}`;
      found.push({ policy, binding: undefined, problem });
    }
  }
  return found;
}

async function ofBinding<Policy extends CompiledPolicy>(
  { policy, binding, version }: Omit<Invocation<Policy>, "params">,
  resource: ReturnType<typeof paramResource>,
  request: AdmissionRequest,
  deps: ParamDeps,
): Promise<readonly Found<Policy>[]> {
  try {
    const { match } = binding;
    if (match !== undefined && (await matchedVersion(match, request, deps.reader)) === undefined) return [];
    const chosen = await collectParams(resource, binding, namespaceOf(request), deps);
    return chosen.map((params) => ({ policy, binding, params, version }));
  } catch (thrown) {
    return [{ policy, binding, problem: `failed to configure binding: ${problemOf(thrown)}` }];
  }
}

function problemOf(thrown: unknown): string {
  if (thrown instanceof ConfigurationError) return thrown.message;
  throw thrown;
}

/** `namespaceObject`: null for what is in no namespace, and where no expression asks for it. Throws NotFound. */
export async function namespaceFor(
  found: readonly Found<CompiledPolicy>[],
  request: AdmissionRequest,
  { reader }: Pick<ParamDeps, "reader">,
): Promise<object | null> {
  const { namespace: name } = request;
  if (name === "" || isAbout(request, namespaces, request.subresource)) return null;
  if (!found.some(({ policy }) => policy.namesNamespace)) return null;
  const namespace = await reader.find<Namespace>("namespaces", "", name);
  if (namespace === undefined) throw notFound(namespaces, name);
  return namespaceInput(namespace);
}
