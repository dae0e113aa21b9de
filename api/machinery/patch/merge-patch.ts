import { deepClone } from "../clone.ts";
import { goKind } from "../json.ts";
import { getOwn, isObject, setOwn } from "../members.ts";
import type { DeepReadonly, Json, JsonObject } from "../object.ts";
import { ApiError } from "../status.ts";

type Patch = DeepReadonly<JsonObject>;

/** A patch that is no object would replace the whole resource by something that is none. */
function decodeMergePatch(patch: DeepReadonly<Json>): Patch {
  if (isObject(patch)) return patch;
  throw new ApiError(
    "BadRequest",
    `error decoding patch: json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`,
  );
}

/** RFC 7386. The result shares nothing with the arguments. */
export function applyMergePatch(original: DeepReadonly<Json>, patch: DeepReadonly<Json>): JsonObject {
  return mergeInto(isObject(original) ? deepClone<JsonObject>(original) : {}, decodeMergePatch(patch));
}

/** `target` belongs to this function. */
function mergeInto(target: JsonObject, patch: Patch): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) {
      delete target[key];
      continue;
    }
    if (!isObject(value)) {
      setOwn(target, key, deepClone<Json>(value));
      continue;
    }
    const old = getOwn(target, key);
    setOwn(target, key, mergeInto(isObject(old) ? old : {}, value));
  }
  return target;
}
