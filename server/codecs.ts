import { defaultRules } from "../api/defaults.ts";
import type { DeepReadonly, JsonObject, KubeObject } from "../api/machinery/object.ts";
import { createConformer } from "../api/schema/conform.ts";
import { createMergeTypes } from "../api/schema/struct-merge-type.ts";
import { createDefaulter } from "../api/schema/default.ts";
import type { DefinitionName, Schemas } from "../api/schema/schema.ts";
import { createStructureValidator } from "../api/schema/validate.ts";
import type { Clock } from "../base/clock.ts";
import type { VersionCodec } from "./encoding/kind.ts";

/** Compiles the codecs of built-in types; `kind` and `version` are for messages. */
export function createCodecs(
  schemas: Schemas,
  clock: Clock,
): (definition: DefinitionName, named: { kind: string; version: string }) => VersionCodec {
  const conformer = createConformer();
  const validateStructure = createStructureValidator();
  const mergeTypeOf = createMergeTypes();
  const defaulterOf = createDefaulter(schemas, defaultRules, () => clock.now());
  return (definition, named) => {
    const type = schemas.get(definition);
    const fillIn = defaulterOf(definition);
    return {
      type,
      merge: mergeTypeOf(type),
      conform: (value, known) => {
        const { object, unknown } = conformer.conform(
          value,
          type,
          named,
          known as DeepReadonly<JsonObject> | undefined,
        );
        // A kind's root struct is what its definition says it is.
        return { object: object as KubeObject, unknown };
      },
      default: (object) => fillIn(object as JsonObject),
      validate: (object) => validateStructure(object as JsonObject, type),
    };
  };
}
