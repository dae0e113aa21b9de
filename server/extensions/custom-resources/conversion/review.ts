import type { ConversionResponse, ConversionReview } from "../../../../api/generated/types/apiextensions-v1.ts";
import { describeFieldError } from "../../../../api/machinery/field-error.ts";
import { deepClone } from "../../../../api/machinery/clone.ts";
import { deepEqual } from "../../../../api/machinery/equal.ts";
import { named } from "../../../../api/machinery/findings.ts";
import { validateLabels } from "../../../../api/machinery/label-validation.ts";
import { isObject } from "../../../../api/machinery/members.ts";
import type { DeepReadonly, Json, JsonObject, KubeObject, ObjectMeta } from "../../../../api/machinery/object.ts";
import { labelKey } from "../../../../api/machinery/names.ts";

const group = "apiextensions.k8s.io";

/** What a webhook said is of no use; the message goes on behind `conversion webhook for example.com/v1, Kind=Boat`. */
export class BadReview extends Error {
  override readonly name = "BadReview";
}

export function reviewRequest(
  objects: readonly DeepReadonly<KubeObject>[],
  asked: { readonly uid: string; readonly desiredAPIVersion: string; readonly version: string },
): JsonObject {
  const { uid, desiredAPIVersion, version } = asked;
  return {
    kind: "ConversionReview",
    apiVersion: `${group}/${version}`,
    request: { uid, desiredAPIVersion, objects: objects as Json },
    response: { uid: "", convertedObjects: null, result: { metadata: {} } },
  };
}

/** The converted objects out of an answer. v1beta1 echoes neither its version nor the uid. */
export function readReview(answer: JsonObject, asked: { readonly uid: string; readonly version: string }): Json[] {
  const { apiVersion, kind, response } = answer as ConversionReview;
  const isStrict = asked.version === "v1";
  if (isStrict && (kind !== "ConversionReview" || apiVersion !== `${group}/v1`)) {
    const got = kindText(apiVersion, kind);
    throw new BadReview(` failed: expected webhook response of ${group}/v1, Kind=ConversionReview, got ${got}`);
  }
  // Whatever else it is, it comes from outside.
  if (!isObject(response)) throw new BadReview(" failed: no response provided");
  const { uid = "", result, convertedObjects }: ConversionResponse = response;
  if (isStrict && uid !== asked.uid)
    throw new BadReview(` failed: expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(uid)}`);
  requireSuccess(result);
  return Array.isArray(convertedObjects) ? convertedObjects : [];
}

function requireSuccess(result: ConversionResponse["result"]): void {
  const { status = "", message = "" } = result ?? {};
  if (status === "Success") return;
  throw new BadReview(` failed: ${message === "" ? `response.result.status was '${status}', not 'Success'` : message}`);
}

function kindText(apiVersion: unknown, kind: unknown): string {
  return `${typeof apiVersion === "string" ? apiVersion : ""}, Kind=${typeof kind === "string" ? kind : ""}`;
}

/** How messages name an object, its version and its metadata: "object", or "converted object at index 3" of a list. */
export interface Place {
  readonly object: string;
  readonly versioned: string;
  readonly metadata: string;
}

/** One converted object: the original's metadata, but for labels and annotations. */
export function acceptConverted(
  converted: Json | undefined,
  original: DeepReadonly<KubeObject>,
  desiredAPIVersion: string,
  place: Place,
): KubeObject {
  const object = ofKind(converted, original, desiredAPIVersion, place);
  const { metadata } = object;
  if (metadata === undefined) throw returned(place.metadata, "missing metadata in converted object");
  if (!isObject(metadata)) throw returned(place.metadata, "invalid metadata in converted object");
  for (const [field, shown] of fixed) {
    const [before, after] = [original.metadata?.[field] ?? "", metadata[field] ?? ""];
    if (before !== after) throw returned(place.object, `must have the same ${shown}: ${before} != ${textOf(after)}`);
  }
  return { ...object, metadata: restored(metadata, original.metadata ?? {}, place) };
}

function ofKind(
  converted: Json | undefined,
  original: DeepReadonly<KubeObject>,
  desiredAPIVersion: string,
  { versioned }: Place,
): KubeObject {
  const object = converted as KubeObject | undefined;
  if (!isObject(object)) throw returned(versioned, "it is no object");
  const { apiVersion = "", kind = "" } = object;
  if (apiVersion !== desiredAPIVersion)
    throw returned(versioned, `invalid groupVersion (expected ${desiredAPIVersion}, received ${textOf(apiVersion)})`);
  if (kind !== original.kind)
    throw returned(versioned, `invalid kind (expected ${original.kind ?? ""}, received ${textOf(kind)})`);
  return object;
}

function returned(what: string, why: string): BadReview {
  return new BadReview(` returned invalid ${what}: ${why}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const fixed = [
  ["name", "name"],
  ["namespace", "namespace"],
  ["uid", "UID"],
] as const;

function restored(
  metadata: Readonly<Record<string, unknown>>,
  original: DeepReadonly<ObjectMeta>,
  place: Place,
): ObjectMeta {
  const refuse = (why: string): BadReview => returned(place.metadata, why);
  const kept = deepClone<ObjectMeta>(original);
  for (const field of ["labels", "annotations"] as const) {
    const sent = metadata[field];
    if (sent === undefined || sent === null) {
      delete kept[field];
      continue;
    }
    if (!isObject(sent)) throw refuse(`invalid metadata.${field} in converted object`);
    for (const [key, value] of Object.entries(sent))
      if (typeof value !== "string")
        throw refuse(`metadata.${field}[${key}] must be a string, but is ${typeof value} in converted object`);
    const texts = sent as Record<string, string>;
    const [problem] = deepEqual(texts, original[field]) ? [] : problemsOf(field, texts);
    if (problem !== undefined) throw refuse(problem);
    kept[field] = texts;
  }
  return kept;
}

function problemsOf(field: "labels" | "annotations", texts: Readonly<Record<string, string>>): readonly string[] {
  const findings =
    field === "labels"
      ? validateLabels("metadata.labels", texts)
      : Object.keys(texts).flatMap((key) => named("metadata.annotation", key, labelKey(key.toLowerCase())));
  return findings.map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
}
