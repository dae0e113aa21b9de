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

/** RFC 7386. What the patch leaves alone the result shares with the original, and it shares nothing with the patch. */
export function applyMergePatch(original: DeepReadonly<Json>, patch: DeepReadonly<Json>): JsonObject {
  return merged(isObject(original) ? original : {}, decodeMergePatch(patch));
}

function merged(original: Readonly<Record<string, unknown>>, patch: Patch): JsonObject {
  const made = { ...original } as JsonObject;
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) {
      delete made[key];
      continue;
    }
    if (!isObject(value)) {
      setOwn(made, key, deepClone<Json>(value));
      continue;
    }
    const old = getOwn(original, key);
    setOwn(made, key, merged(isObject(old) ? old : {}, value));
  }
  return made;
}
