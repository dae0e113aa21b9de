import type { DeepReadonly, Json, KubeObject } from "../../api/machinery/object.ts";
import { applyJsonPatch } from "../../api/machinery/patch/json-patch.ts";
import { applyMergePatch } from "../../api/machinery/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../../api/machinery/patch/strategic-merge-patch.ts";
import { parseJson } from "../../api/machinery/json.ts";
import { at } from "../../api/resource.ts";
import type { StructType } from "../../api/schema/schema.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { handedOver, readBody, unsupportedMediaType, type ParsedBody } from "../encoding/body.ts";
import { decode, fromHub, settleTypeMeta } from "../encoding/kind.ts";
import { keptParts } from "../strategy/reset.ts";
import { answerRecord } from "./answer.ts";
import { apply, applyMediaType } from "./apply.ts";
import { formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { keepReset, matchUrl } from "./decode.ts";
import { judgeFields, patchOptions } from "./write-options.ts";

const patchTypes = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
} as const;

export interface Patch extends ParsedBody {
  readonly type: (typeof patchTypes)[keyof typeof patchTypes];
}

/**
 * Reads the object in the version of the URL, patches it, writes it; again from the fresh object where another writer
 * was faster and the patch itself names no resourceVersion.
 */
export async function patch(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  if (isApply(request.request)) return apply(request, deps);
  const { kind, version } = request;
  const { form } = formFor(request, deps, { stream: false });
  const options = patchOptions(request.query, { isApply: false, userAgent: request.request.headers["user-agent"] });
  const sent = await readPatch(request.request);
  request.trail?.sent(sent.value);
  const write = writeRequest(request, options, "refuse");
  const written = await deps.objects.update(write, (current) => {
    const before = (current === undefined ? {} : fromHub(version, current)) as Json;
    const value = applyPatch(sent, before, version.type);
    settleTypeMeta(kind, version, value);
    const { object, unknown } = decode(kind, version, value, current && unwritten(current, request));
    keepReset(value, object);
    judgeFields({ unknown, duplicates: sent.duplicates }, options.fieldValidation, {
      kind: kind.row.kind,
      version: version.served.version,
      warnings: request.warnings,
    });
    matchUrl(request, object);
    return object;
  });
  return answerRecord(200, written.record, form);
}

export async function readPatch(request: ApiRequest): Promise<Patch> {
  const mediaType = mediaTypeOf(request);
  if (!Object.hasOwn(patchTypes, mediaType)) throw unsupportedMediaType([...Object.keys(patchTypes), applyMediaType]);
  return {
    type: patchTypes[mediaType as keyof typeof patchTypes],
    ...(handedOver(request) ?? parseJson(await readBody(request), { duplicates: true })),
  };
}

export function isApply(request: ApiRequest): boolean {
  return mediaTypeOf(request) === applyMediaType;
}

function mediaTypeOf({ headers }: ApiRequest): string {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** What the write will put back, or replace, if it has not even been touched: it need not be looked at in between. */
function unwritten(
  current: DeepReadonly<KubeObject>,
  { kind, version, target }: ResourceRequest,
): DeepReadonly<KubeObject> | undefined {
  if (version.served.fromHub !== undefined) return undefined;
  const { managedFields } = current.metadata ?? {};
  const parts = keptParts(kind, target.subresource).map((part) => [part, at(current as never, part)]);
  return { ...Object.fromEntries(parts), metadata: managedFields && { managedFields } };
}

/** The patched document. `type` guides a strategic merge; kinds without one take the other patch types only. */
export function applyPatch(patch: Patch, document: Json, type: StructType | undefined): Json {
  switch (patch.type) {
    case "json":
      return applyJsonPatch(document, patch.value);
    case "merge":
      return applyMergePatch(document, patch.value);
    case "strategic":
      if (type === undefined)
        throw unsupportedMediaType(["application/json-patch+json", "application/merge-patch+json", applyMediaType]);
      return applyStrategicMergePatch(document, patch.value, type);
  }
}
