import { ApiError } from "../../../api/machinery/status.ts";
import type { KindVersion } from "../../encoding/kind.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { conditionsMatch } from "./match-conditions.ts";
import { internalError } from "./refusal.ts";
import type { Shown } from "./review.ts";
import { ruleMatches } from "./rules.ts";
import { namespaceSelected, objectSelected } from "./selectors.ts";
import { resourceIn, shownIn } from "./shown-version.ts";
import type { ConditionSupport, Webhook } from "./webhook.ts";

const untouchable = new Set([
  "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
]);

/** No webhook may keep another from being removed. */
export function isExempt({ kind }: AdmissionRequest): boolean {
  return kind.row.group === "admissionregistration.k8s.io" && untouchable.has(kind.row.kind);
}

export interface ChoiceDeps {
  readonly reader: ObjectReader;
  readonly support: ConditionSupport;
}

/** What a webhook is to be shown of a request; undefined when it does not concern it. Throws ApiError. */
export async function choose(
  webhook: Webhook,
  request: AdmissionRequest,
  show: Show,
  { reader, support }: ChoiceDeps,
): Promise<Shown | undefined> {
  const version = versionFor(webhook, request);
  if (version === undefined || !objectSelected(webhook.objectSelector, request)) return undefined;
  if (!(await namespaceSelected(webhook.namespaceSelector, request, reader))) return undefined;
  const shown = await show(version);
  const matched = conditionsMatch(webhook, shown, support);
  return (matched instanceof Promise ? await matched : matched) ? shown : undefined;
}

/** The version that the first fitting rule names: the requested one before its equivalents. */
function versionFor({ rules, hook }: Webhook, request: AdmissionRequest): KindVersion | undefined {
  const { requested, kind } = request;
  const asRequested = resourceIn(request, requested);
  if (rules.some((rule) => ruleMatches(rule, request, asRequested))) return requested;
  if (hook.matchPolicy === "Exact" || kind.versions.size < 2) return undefined;
  for (const rule of rules)
    for (const version of kind.versions.values())
      if (version.apiVersion !== requested.apiVersion && ruleMatches(rule, request, resourceIn(request, version)))
        return version;
  return undefined;
}

/** A request's objects in a version. */
export type Show = (version: KindVersion) => Promise<Shown>;

/** Each version is made once, as long as nothing changes. */
export function createShow(request: AdmissionRequest): Show {
  const made = new Map<string, Promise<Shown>>();
  return (version) => {
    const known = made.get(version.apiVersion) ?? makeShown(request, version);
    made.set(version.apiVersion, known);
    return known;
  };
}

async function makeShown(request: AdmissionRequest, version: KindVersion): Promise<Shown> {
  const { object, old } = request;
  try {
    return {
      request,
      version,
      object: object === undefined ? undefined : await shownIn(version, object, request),
      old: old === undefined ? undefined : await shownIn(version, old, request),
    };
  } catch (thrown) {
    if (thrown instanceof ApiError) throw internalError(thrown.message, thrown);
    throw thrown;
  }
}
