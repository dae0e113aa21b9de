import { deepEqual } from "../../../api/machinery/equal.ts";
import { parseJson } from "../../../api/machinery/json.ts";
import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../../api/machinery/object.ts";
import { applyJsonPatch } from "../../../api/machinery/patch/json-patch.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { VersionCodec } from "../../encoding/kind.ts";
import { internalError } from "./refusal.ts";
import type { Shown } from "./review.ts";
import { isOwnKind } from "./shown-version.ts";

/** What a webhook made of an object, in the version that it was shown. */
export interface Patched {
  readonly object: KubeObject;
  readonly patch: Json;
  readonly isChanged: boolean;
}

/** The codec of a subresource's own kind, such as Scale or Binding. */
export type CodecOfKind = (apiVersion: string, kind: string) => VersionCodec | undefined;

/** Undefined when there is nothing to do. Throws an internal error for a patch that cannot be applied. */
export function applyPatch(webhook: string, text: Buffer, shown: Shown, codecOf: CodecOfKind): Patched | undefined {
  try {
    const patch = parseJson(text, { duplicates: true }).value;
    if (Array.isArray(patch) && patch.length === 0) return undefined;
    const { object: before } = shown;
    if (before === undefined) throw internalError(notSupported(webhook));
    const patched = applyJsonPatch(before as DeepReadonly<JsonObject>, patch);
    requireSameKind(before, patched);
    const object = conformed(patched, shown, codecOf);
    return { object, patch, isChanged: !deepEqual(before, object) };
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.reason === "InternalError") throw thrown;
    // Why a patch does not fit is only told by the cause.
    throw internalError(thrown.cause instanceof Error ? thrown.cause.message : thrown.message, thrown);
  }
}

function notSupported(webhook: string): string {
  return `admission webhook ${JSON.stringify(webhook)} attempted to modify the object, which is not supported for this operation`;
}

/** Decoded again, like what a client sends. */
function conformed(patched: JsonObject, { request, version }: Shown, codecOf: CodecOfKind): KubeObject {
  const bare: DeepReadonly<KubeObject> = { apiVersion: textOf(patched["apiVersion"]), kind: textOf(patched["kind"]) };
  const codec = isOwnKind(request, bare) ? version : codecOf(bare.apiVersion ?? "", bare.kind ?? "");
  if (codec === undefined) throw internalError(`no kind ${JSON.stringify(bare.kind)} is known in ${bare.apiVersion}`);
  const { object } = codec.conform(patched);
  codec.default(object);
  return object;
}

function requireSameKind(before: DeepReadonly<KubeObject>, { apiVersion, kind }: JsonObject): void {
  if (before.kind === kind && before.apiVersion === apiVersion) return;
  throw internalError(
    `unable to decode ${textOf(apiVersion)}, Kind=${textOf(kind)} into ${before.apiVersion ?? ""}, Kind=${before.kind ?? ""}`,
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
