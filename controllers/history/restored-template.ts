import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, JsonObject } from "../../api/machinery/object.ts";
import { defaultRules } from "../../api/defaults.ts";
import { createDefaulter, type DefaultObject } from "../../api/schema/default.ts";
import { builtinSchemas } from "../../api/schema/tables.ts";
import type { Clock } from "../../base/clock.ts";
import type { Revision } from "./revisions.ts";
import { recordedTemplate } from "./template-patch.ts";

type Template = DeepReadonly<PodTemplateSpec>;

/**
 * What a template becomes when a revision is brought back: fields that got a default only after it was recorded have
 * that default. So an owner whose template says just that need not replace its pods.
 */
export function templateRestorer(clock: Pick<Clock, "now">): (revision: Revision) => Template | undefined {
  let fill: DefaultObject | undefined;
  return (revision) => {
    const recorded = recordedTemplate(revision);
    if (recorded === undefined) return undefined;
    // Most histories never need it.
    fill ??= createDefaulter(builtinSchemas(), defaultRules, () => clock.now())("io.k8s.api.core.v1.PodTemplateSpec");
    const restored = deepClone<PodTemplateSpec>(recorded);
    // A tree of JSON is what it is on the wire.
    fill(restored as unknown as JsonObject);
    return restored;
  };
}
