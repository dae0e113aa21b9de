import { manageApply, type Applied } from "../../api/machinery/managed-fields/manage-apply.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, Json, KubeObject } from "../../api/machinery/object.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { handedOver, parseYamlBody, readBody } from "../encoding/body.ts";
import { decode, fromHub, settleTypeMeta } from "../encoding/kind.ts";
import { managedWrite, setManagedFields } from "../strategy/managed-fields.ts";
import type { WriteRequest } from "../strategy/write-request.ts";
import { answerRecord } from "./answer.ts";
import { authorizeCreate, formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { matchUrl } from "./decode.ts";
import { judgeFields, patchOptions, type PatchOptions } from "./write-options.ts";

/** PATCH with this media type is an apply; JSON is YAML, too. */
export const applyMediaType = "application/apply-patch+yaml";

/**
 * Server-side apply: the object comes to say what the manager wants of it, and nothing more.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export async function apply(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const options = patchOptions(request.query, { isApply: true });
  const applied = await readApplied(request, options);
  const write = {
    ...writeRequest(request, options, "create"),
    authorizeCreate: authorizeCreate(request, deps),
    ownsFields: true,
  };
  const { record, created } = await deps.objects.update(write, async (current) => {
    const done = await manage(write, current, { applied, force: options.force }, deps);
    return settled(request, done, current);
  });
  return answerRecord(created ? 201 : 200, record, form);
}

export async function readApplied(
  { request, kind, version, warnings, trail }: ResourceRequest,
  options: PatchOptions,
): Promise<Json> {
  const { value, duplicates } = handedOver(request) ?? (await parseYamlBody(await readBody(request)));
  const of = { kind: kind.row.kind, version: version.served.version, warnings };
  judgeFields({ unknown: [], duplicates }, options.fieldValidation, of);
  trail?.sent(value);
  return value;
}

/** In the version of the URL, in which managers speak of their fields. */
async function manage(
  write: WriteRequest,
  current: DeepReadonly<KubeObject> | undefined,
  sent: { readonly applied: Json; readonly force: boolean },
  { clock }: VerbDeps,
): Promise<Applied> {
  const { kind, requested } = write;
  const blank = fromHub(requested, kind.blank);
  const live = current === undefined ? blank : fromHub(requested, current);
  return manageApply({ ...managedWrite(write, clock.now()), ...sent, kind: kind.row.kind, live, blank });
}

/** What was merged, as the working version has it. */
function settled(
  request: ResourceRequest,
  { object, managedFields }: Applied,
  current: DeepReadonly<KubeObject> | undefined,
): KubeObject {
  const merged = object === undefined ? unchanged(current) : decoded(request, object);
  matchUrl(request, merged);
  setManagedFields(merged, managedFields);
  return merged;
}

function unchanged(current: DeepReadonly<KubeObject> | undefined): KubeObject {
  return deepClone<KubeObject>(current ?? {});
}

function decoded({ kind, version }: ResourceRequest, merged: Json): KubeObject {
  settleTypeMeta(kind, version, merged);
  return decode(kind, version, merged).object;
}
