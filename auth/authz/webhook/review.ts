import type { SubjectAccessReviewSpec } from "../../../api/generated/types/authorization-v1.ts";
import type { FieldRequirement } from "../../../api/machinery/fields.ts";
import type { LabelRequirement } from "../../../api/machinery/labels.ts";
import { isObject } from "../../../api/machinery/members.ts";
import type { JsonObject } from "../../../api/machinery/object.ts";
import type { Attributes, Decision } from "../authorizer.ts";

/** A question as the webhook is asked it. What is empty is left out, as Go does. */
export function reviewSpec({ user, verb, path, resource }: Attributes): SubjectAccessReviewSpec {
  return {
    ...(resource === undefined
      ? { nonResourceAttributes: { path, verb } }
      : { resourceAttributes: resourceAttributes(verb, resource) }),
    ...filled({ user: user.name, uid: user.uid ?? "" }),
    ...(user.groups.length === 0 ? {} : { groups: [...user.groups] }),
    ...(user.extra === undefined
      ? {}
      : { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }),
  };
}

type ResourceAttributes = NonNullable<SubjectAccessReviewSpec["resourceAttributes"]>;

function resourceAttributes(
  verb: string,
  { selectors, ...resource }: NonNullable<Attributes["resource"]>,
): ResourceAttributes {
  const fields = (selectors?.fields ?? []).map(fieldRequirement);
  const labels = (selectors?.labels ?? []).flatMap(labelRequirement);
  return {
    ...filled({ ...resource, verb }),
    ...(fields.length === 0 ? {} : { fieldSelector: { requirements: fields } }),
    ...(labels.length === 0 ? {} : { labelSelector: { requirements: labels } }),
  };
}

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

function fieldRequirement({ field, operator, value }: FieldRequirement): Requirement {
  return { key: field, operator: operator === "=" ? "In" : "NotIn", values: [value] };
}

const operators: ReadonlyMap<LabelRequirement["operator"], string> = new Map([
  ["=", "In"],
  ["==", "In"],
  ["in", "In"],
  ["!=", "NotIn"],
  ["notin", "NotIn"],
  ["exists", "Exists"],
  ["!", "DoesNotExist"],
]);

/** One that reviews have no word for is left out: without it more is asked for, never less. */
function labelRequirement({ key, operator, values }: LabelRequirement): readonly Requirement[] {
  const word = operators.get(operator);
  if (word === undefined) return [];
  return [{ key, operator: word, ...(values.length === 0 ? {} : { values: [...values] }) }];
}

function filled(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}

export type ReviewVersion = "v1" | "v1beta1";

/** v1beta1 calls the groups by the singular. */
export function reviewOf(spec: SubjectAccessReviewSpec, version: ReviewVersion): JsonObject {
  const { groups, ...others } = spec;
  const called = groups === undefined ? {} : version === "v1" ? { groups } : { group: groups };
  const review = { kind: "SubjectAccessReview", apiVersion: apiVersionOf(version), metadata: {} };
  // Texts, lists and objects of them.
  return { ...review, spec: { ...others, ...called } as JsonObject, status: { allowed: false } };
}

function apiVersionOf(version: ReviewVersion): string {
  return `authorization.k8s.io/${version}`;
}

/** The webhook's answer is none. */
class ReviewAnswerError extends Error {
  override readonly name = "ReviewAnswerError";
}

/** Throws ReviewAnswerError for what is no review of this version. */
export function decisionOf(answer: JsonObject, version: ReviewVersion): Decision {
  const { kind = "SubjectAccessReview", apiVersion = apiVersionOf(version), status } = answer;
  if (kind !== "SubjectAccessReview" || apiVersion !== apiVersionOf(version))
    throw new ReviewAnswerError(`unexpected object: ${JSON.stringify({ kind, apiVersion }).slice(0, 200)}`);
  const { allowed, denied, reason } = isObject(status) ? status : {};
  for (const flag of [allowed, denied])
    if (flag !== undefined && typeof flag !== "boolean")
      throw new ReviewAnswerError("status: allowed and denied are booleans");
  const said = typeof reason === "string" ? reason : "";
  if (denied === true)
    return {
      opinion: "deny",
      reason: said,
      ...(allowed === true ? { error: "webhook subject access review returned both allow and deny response" } : {}),
    };
  return { opinion: allowed === true ? "allow" : "no opinion", reason: said };
}
