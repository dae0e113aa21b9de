import type { Compiled } from "../../../api/admissionregistration/policy-compiler.ts";
import { CelError } from "../../../api/cel/cel.ts";
import { applyConfigurationOf, jsonPatchesOf } from "../../../api/cel/mutation.ts";
import { checkTyped } from "../../../api/machinery/managed-fields/check-typed.ts";
import { mergeObjects } from "../../../api/machinery/managed-fields/merge-objects.ts";
import { TypedError } from "../../../api/machinery/managed-fields/typed-error.ts";
import { isObject } from "../../../api/machinery/members.ts";
import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../../api/machinery/object.ts";
import { applyJsonPatch, isFailedTest } from "../../../api/machinery/patch/json-patch.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { VersionCodec } from "../../encoding/kind.ts";
import type { CodecOfKind } from "../webhook/apply-patch.ts";
import { internalError } from "../webhook/refusal.ts";
import type { Shown } from "../webhook/review.ts";
import { isOwnKind } from "../webhook/shown-version.ts";
import { atomicPlaces } from "./atomic-places.ts";
import type { Expression } from "./compiled-policy.ts";
import { invocationBudget, OutOfBudget, startEvaluation, type Inputs } from "./evaluation.ts";

export interface CompiledMutation {
  readonly type: "applyConfiguration" | "jsonPatch";
  readonly expression: Expression;
}

/** A mutation cannot be made: the policy's failurePolicy decides what that means. The text is upstream's. */
export class MutationFailure extends Error {
  override readonly name = "MutationFailure";
}

interface MutationContext {
  readonly variables: ReadonlyMap<string, Compiled>;
  readonly codecOf: CodecOfKind;
}

/** The object as the mutation leaves it, in the version in which it is shown. Throws MutationFailure, and ApiError. */
export function mutated(
  mutation: CompiledMutation,
  shown: Shown,
  inputs: () => Inputs,
  { variables, codecOf }: MutationContext,
): KubeObject {
  const result = evaluated(mutation.expression, inputs, variables);
  // An object of the API is JSON.
  const object = (shown.object ?? {}) as DeepReadonly<JsonObject>;
  const codec = codecFor(shown, codecOf);
  if (mutation.type === "jsonPatch") return patched(object, result, codec);
  return applied(object, result, codec);
}

function evaluated(expression: Expression, inputs: () => Inputs, variables: MutationContext["variables"]): unknown {
  const { compiled } = expression;
  if ("problem" in compiled) throw new MutationFailure(compiled.problem);
  try {
    const outcome = startEvaluation(variables, inputs(), { remaining: invocationBudget })(expression);
    if ("error" in outcome) throw new MutationFailure(outcome.error);
    return outcome.value;
  } catch (thrown) {
    if (thrown instanceof OutOfBudget) throw new MutationFailure(thrown.message, { cause: thrown });
    throw thrown;
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#patch-type-json-patch */
function patched(object: DeepReadonly<JsonObject>, result: unknown, codec: VersionCodec): KubeObject {
  const operations = fromResult(() => jsonPatchesOf(result), "");
  let changed: JsonObject;
  try {
    changed = applyJsonPatch(object, operations as unknown as DeepReadonly<Json>);
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    // A test that fails says that there is nothing to do.
    if (isFailedTest(thrown)) return conformed(object, codec).object;
    // Why a patch does not fit is only told by the cause.
    const why = thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
    throw new MutationFailure(`JSONPath: ${why}`, { cause: thrown });
  }
  const { object: decoded, unknown } = conformed(changed, codec);
  if (unknown.length > 0) {
    const fields = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
    throw internalError(`strict decoding error: ${fields.join(", ")}`);
  }
  return decoded;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#patch-type-apply-configuration */
function applied(object: DeepReadonly<JsonObject>, result: unknown, codec: VersionCodec): KubeObject {
  const said = fromResult(() => applyConfigurationOf(result), "type mismatch: ");
  const { apiVersion, kind } = object;
  const configuration: DeepReadonly<JsonObject> = { ...(isObject(said) ? said : {}), apiVersion, kind };
  const failure = (why: string, thrown?: unknown): MutationFailure =>
    new MutationFailure(`error applying patch: ${why}`, { cause: thrown });
  try {
    checkTyped(configuration, codec.merge, { allowDuplicates: false });
  } catch (thrown) {
    if (!(thrown instanceof TypedError)) throw thrown;
    throw failure(`failed to convert patch object to typed object: ${thrown.message}`, thrown);
  }
  const atomic = atomicPlaces(configuration, codec.merge);
  if (atomic.length > 0)
    throw failure(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(", ")}`);
  try {
    return conformed(mergeObjects(object, configuration, codec.merge), codec).object;
  } catch (thrown) {
    if (!(thrown instanceof TypedError)) throw thrown;
    throw failure(`failed to merge patch: ${thrown.message}`, thrown);
  }
}

function fromResult<T>(read: () => T, prefix: string): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof CelError) throw new MutationFailure(`${prefix}${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

/** Decoded again, like what a client sends. */
function conformed(value: DeepReadonly<Json>, codec: VersionCodec): ReturnType<VersionCodec["conform"]> {
  // It copies what it keeps.
  const decoded = codec.conform(value as Json);
  codec.default(decoded.object);
  return decoded;
}

function codecFor({ request, version, object = {} }: Shown, codecOf: CodecOfKind): VersionCodec {
  if (isOwnKind(request, object)) return version;
  const { apiVersion = "", kind = "" } = object;
  const codec = codecOf(apiVersion, kind);
  if (codec !== undefined) return codec;
  const what = `Resource kind ${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind} not found.`;
  const delay = "There can be a delay between when CustomResourceDefinitions are created and when they are available.";
  throw new ApiError("ServiceUnavailable", `${what} ${delay}`);
}
