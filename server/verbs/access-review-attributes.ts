import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  ResourceAttributes,
  SelfSubjectAccessReviewSpec,
} from "../../api/generated/types/authorization-v1.ts";
import { type FieldRequirement, parseFieldSelector } from "../../api/machinery/fields.ts";
import { parseLabelSelector } from "../../api/machinery/label-query.ts";
import {
  createRequirement,
  type LabelOperator,
  type LabelRequirement,
  SelectorError,
} from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Attributes } from "../../auth/authz/authorizer.ts";

/** What a review asks about, and what of its selectors could not be understood. */
export interface AskedAttributes {
  readonly attributes: Attributes;
  readonly problems: readonly string[];
}

/** What is left of a selector: leaving requirements out asks about more objects, never about fewer. */
interface Understood<T> {
  readonly requirements: readonly T[];
  readonly isWhole: boolean;
}

/** The spec is valid: it asks about a resource or about a path. */
export function askedAttributes(user: UserInfo, spec: DeepReadonly<SelfSubjectAccessReviewSpec>): AskedAttributes {
  const { resourceAttributes: asked, nonResourceAttributes: path } = spec;
  if (asked === undefined)
    return { attributes: { user, verb: path?.verb ?? "", path: path?.path ?? "" }, problems: [] };
  const { verb = "", group = "", version = "", resource = "", subresource = "", namespace = "", name = "" } = asked;
  const { selectors, problems } = selectorsOf(asked);
  const about = { group, version: version || "*", resource, subresource, namespace, name };
  return {
    attributes: { user, verb, path: "", resource: selectors === undefined ? about : { ...about, selectors } },
    problems,
  };
}

function selectorsOf({ fieldSelector, labelSelector }: DeepReadonly<ResourceAttributes>): {
  readonly selectors: NonNullable<Attributes["resource"]>["selectors"] | undefined;
  readonly problems: readonly string[];
} {
  if (fieldSelector === undefined && labelSelector === undefined) return { selectors: undefined, problems: [] };
  const fields = fieldsOf(fieldSelector);
  const labels = labelsOf(labelSelector);
  return {
    selectors: { fields: fields.requirements, labels: labels.requirements },
    problems: [...problemOf("fieldSelector", fields), ...problemOf("labelSelector", labels)],
  };
}

function problemOf(name: string, { requirements, isWhole }: Understood<unknown>): readonly string[] {
  if (isWhole) return [];
  const ignored = requirements.length > 0 ? "partially ignored" : "ignored";
  return [`spec.resourceAttributes.${name} ${ignored} due to parse error`];
}

function fieldsOf(selector: DeepReadonly<FieldSelectorAttributes> | undefined): Understood<FieldRequirement> {
  const { rawSelector = "", requirements: sent } = selector ?? {};
  if (rawSelector !== "") return understood([rawSelector], (text) => parseFieldSelector(text));
  return understood(sent ?? [], ({ key, operator, values }) => {
    const [value, ...others] = values ?? [];
    if (value === undefined || others.length > 0 || !(operator === "In" || operator === "NotIn"))
      throw new SelectorError("fields are equal to one value, or not");
    return [{ field: key, operator: operator === "In" ? "=" : "!=", value }];
  });
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
]);

function labelsOf(selector: DeepReadonly<LabelSelectorAttributes> | undefined): Understood<LabelRequirement> {
  const { rawSelector = "", requirements: sent } = selector ?? {};
  if (rawSelector !== "") return understood([rawSelector], (text) => parseLabelSelector(text).requirements);
  return understood(sent ?? [], ({ key, operator, values }) => {
    const known = operators.get(operator);
    if (known === undefined) throw new SelectorError("an operator that is not known here");
    return [createRequirement(key, known, values ?? [])];
  });
}

function understood<Sent, T>(sent: readonly Sent[], read: (one: Sent) => readonly T[]): Understood<T> {
  const requirements: T[] = [];
  let isWhole = true;
  for (const one of sent) {
    try {
      requirements.push(...read(one));
    } catch (thrown) {
      if (!(thrown instanceof ApiError || thrown instanceof SelectorError)) throw thrown;
      isWhole = false;
    }
  }
  return { requirements, isWhole };
}
