import type { QuotaEvaluator, Scope } from "../../../api/core/quota/evaluator.ts";
import { isInScopes } from "../../../api/core/quota/scopes.ts";
import type { Quantities } from "../../../api/core/quantities.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";

/** What nobody may use where no quota covers it; of `apiserver.config.k8s.io/v1` ResourceQuotaConfiguration. */
export interface LimitedResource {
  readonly apiGroup?: string;
  readonly resource: string;
  /** Parts of names of quota resources, such as `.storageclass.storage.k8s.io/requests.storage`. */
  readonly matchContains?: readonly string[];
  readonly matchScopes?: readonly Scope[];
}

/** Names that the object uses and a quota has to cover. */
export function limitedNames(
  limited: readonly LimitedResource[],
  { counts }: QuotaEvaluator,
  usage: Quantities,
): string[] {
  const parts = limited
    .filter(({ apiGroup = "", resource }) => apiGroup === counts.group && resource === counts.resource)
    .flatMap(({ matchContains = [] }) => matchContains);
  return [...usage]
    .filter(([name, { nano }]) => nano > 0n && parts.some((part) => name.includes(part)))
    .map(([name]) => name);
}

/** Scopes that the object is in and a quota has to cover. */
export function limitedScopes(
  limited: readonly LimitedResource[],
  evaluator: QuotaEvaluator,
  object: DeepReadonly<KubeObject>,
): readonly Scope[] {
  return limited
    .flatMap(({ matchScopes = [] }) => matchScopes)
    .filter((scope) => isInScopes(evaluator, object, [scope]));
}

/** `[{PriorityClass In [a b]}]` */
export function tellScopes(scopes: readonly Scope[]): string {
  return `[${scopes.map(({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(" ")}]}`).join(" ")}]`;
}
