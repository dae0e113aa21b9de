import { selectorOf } from "../../../api/machinery/label-selector.ts";
import { matches, SelectorError, type Labels, type Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { qualified } from "../../../api/machinery/status.ts";
import { fromHub, type Kind } from "../../encoding/kind.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { OwnerResource } from "../owner-references-permission-enforcement.ts";
import type { CompiledBinding } from "./bound-policies.ts";
import type { CompiledPolicy } from "./compiled-policy.ts";
import { ConfigurationError } from "./match-resources.ts";

export interface ParamDeps {
  readonly reader: ObjectReader;
  /** The resources that serve a kind; none when it is not known. */
  readonly resourcesOf: (apiVersion: string, kind: string) => readonly OwnerResource[];
  /** By `pods` or `deployments.apps`. */
  readonly kindOf: (resource: string) => Kind | undefined;
}

/** The parameters of one invocation. */
export type Params = DeepReadonly<KubeObject> | null;

/** Where a policy's parameters are. Throws ConfigurationError when nothing serves their kind. */
export function paramResource({ paramKind }: CompiledPolicy, deps: ParamDeps): OwnerResource | undefined {
  if (paramKind === undefined) return undefined;
  const { apiVersion = "", kind = "" } = paramKind;
  const [found] = deps.resourcesOf(apiVersion, kind);
  if (found !== undefined) return found;
  const groupVersion = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
  throw new ConfigurationError(`failed to find resource referenced by paramKind: '${groupVersion}, Kind=${kind}'`);
}

/**
 * What a binding chooses; null where it chooses nothing in particular. None at all: it does not apply.
 * Throws ConfigurationError.
 */
export async function collectParams(
  resource: OwnerResource | undefined,
  { paramRef }: CompiledBinding,
  namespace: string,
  deps: ParamDeps,
): Promise<readonly Params[]> {
  if (resource === undefined || paramRef === undefined) return [null];
  const from = namespaceOf(resource, paramRef.namespace ?? "", namespace);
  const called = qualified(resource);
  const { name = "" } = paramRef;
  let found: readonly DeepReadonly<KubeObject>[];
  if (name !== "") {
    const one = await deps.reader.find(called, from, name);
    found = one === undefined ? [] : [one];
  } else {
    const selector = selectorOrProblem(paramRef.selector);
    const all = await deps.reader.list(called, from);
    found = all.filter(({ metadata }) => matches(selector, metadata?.labels as Labels | undefined));
  }
  if (found.length === 0 && paramRef.parameterNotFoundAction === "Deny")
    throw new ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction");
  return Promise.all(found.map((object) => inVersion(object, resource, deps)));
}

function namespaceOf({ namespaced }: OwnerResource, given: string, ofRequest: string): string {
  if (!namespaced) {
    if (given === "") return "";
    throw new ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  const namespace = given || ofRequest;
  if (namespace !== "") return namespace;
  throw new ConfigurationError(
    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
  );
}

function selectorOrProblem(selector: Parameters<typeof selectorOf>[0]): Selector {
  try {
    return selectorOf(selector);
  } catch (thrown) {
    if (thrown instanceof SelectorError) throw new ConfigurationError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

/** Readers know objects in their hub version. */
async function inVersion(
  object: DeepReadonly<KubeObject>,
  { group, version, resource }: OwnerResource,
  { kindOf }: ParamDeps,
): Promise<Params> {
  const kind = kindOf(qualified({ group, resource }));
  const wanted = kind?.versions.get(group === "" ? version : `${group}/${version}`);
  if (kind === undefined || wanted === undefined || wanted.apiVersion === kind.hub.apiVersion) return object;
  if (kind.conversion === undefined) return fromHub(wanted, object);
  const [converted] = await kind.conversion.convert([object], wanted);
  return converted ?? object;
}
