import type { ControllerRevision } from "../../api/generated/types/apps-v1.ts";
import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { isObject, setOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../../api/machinery/object.ts";

type Template = DeepReadonly<PodTemplateSpec>;

/**
 * What a revision holds: the strategic merge patch that brings its template back, as `kubectl rollout undo` sends it.
 * Keys are sorted, as Go writes them: equal templates make equal bytes.
 */
export function templatePatch(template: Template): JsonObject {
  return { spec: { template: sorted({ ...template, $patch: "replace" }) } };
}

function sorted(value: unknown): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value as Json;
  const copy: JsonObject = {};
  for (const key of Object.keys(value).toSorted())
    if (value[key] !== undefined) setOwn<Json | undefined>(copy, key, sorted(value[key]));
  return copy;
}

/** The template that a revision recorded; undefined where its data are something else. */
export function recordedTemplate({ data }: DeepReadonly<ControllerRevision>): Template | undefined {
  const spec = isObject(data) ? data["spec"] : undefined;
  const patch = isObject(spec) ? spec["template"] : undefined;
  if (!isObject(patch)) return undefined;
  const { $patch: _, ...template } = patch;
  // The server let only a StatefulSet's or DaemonSet's controller write it; what does not fit is refused with the pod.
  return template as unknown as Template;
}

export function records(revision: DeepReadonly<ControllerRevision>, template: Template): boolean {
  return deepEqual(recordedTemplate(revision), template);
}
