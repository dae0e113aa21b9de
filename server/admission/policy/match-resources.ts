import type { MatchResources, NamedRuleWithOperations } from "../../../api/generated/types/admissionregistration-v1.ts";
import { selectorOf } from "../../../api/machinery/label-selector.ts";
import { SelectorError, type Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { KindVersion } from "../../encoding/kind.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { ruleMatches } from "../webhook/rules.ts";
import { namespaceSelected, objectSelected } from "../webhook/selectors.ts";
import { resourceIn } from "../webhook/shown-version.ts";

type Rules = readonly DeepReadonly<NamedRuleWithOperations>[];

/** Which requests a policy or a binding is about. */
export interface CompiledMatch {
  /** None: all. */
  readonly rules: Rules;
  readonly excluded: Rules;
  readonly isExact: boolean;
  readonly selectors: { readonly namespace: Selector; readonly object: Selector } | { readonly problem: string };
}

/** Something about a policy or a binding that keeps it from being put to work; the text is upstream's. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

export function compileMatch(match: DeepReadonly<MatchResources>): CompiledMatch {
  return {
    rules: match.resourceRules ?? [],
    excluded: match.excludeResourceRules ?? [],
    isExact: match.matchPolicy !== "Equivalent",
    selectors: compileSelectors(match),
  };
}

function compileSelectors({
  namespaceSelector,
  objectSelector,
}: DeepReadonly<MatchResources>): CompiledMatch["selectors"] {
  try {
    return { namespace: selectorOf(namespaceSelector ?? {}), object: selectorOf(objectSelector ?? {}) };
  } catch (thrown) {
    if (thrown instanceof SelectorError) return { problem: thrown.message };
    throw thrown;
  }
}

/**
 * The version by which a request matches: the requested one before its equivalents. Undefined when it does not.
 * Throws ConfigurationError where selectors cannot tell.
 */
export async function matchedVersion(
  match: CompiledMatch,
  request: AdmissionRequest,
  reader: ObjectReader,
): Promise<KindVersion | undefined> {
  const { rules, excluded, selectors } = match;
  // The cheapest questions first: nearly all policies are about other resources.
  const version = rules.length === 0 ? request.requested : versionNamed(rules, match, request);
  if (version === undefined || versionNamed(excluded, match, request) !== undefined) return undefined;
  if ("problem" in selectors) throw new ConfigurationError(selectors.problem);
  if (!objectSelected(selectors.object, request)) return undefined;
  try {
    return (await namespaceSelected(selectors.namespace, request, reader)) ? version : undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) throw new ConfigurationError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

function versionNamed(rules: Rules, { isExact }: CompiledMatch, request: AdmissionRequest): KindVersion | undefined {
  const { requested, kind } = request;
  if (rules.some((rule) => names(rule, request, requested))) return requested;
  if (isExact || kind.versions.size < 2) return undefined;
  for (const rule of rules)
    for (const version of kind.versions.values())
      if (version.apiVersion !== requested.apiVersion && names(rule, request, version)) return version;
  return undefined;
}

function names(rule: Rules[number], request: AdmissionRequest, version: KindVersion): boolean {
  if (!ruleMatches(rule, request, resourceIn(request, version))) return false;
  const { resourceNames = [] } = rule;
  return resourceNames.length === 0 || resourceNames.includes(request.name);
}
