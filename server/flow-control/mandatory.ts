import { mandatoryLevels as levels, mandatorySchemas as schemas } from "../../api/flowcontrol/mandatory-specs.ts";
import type { FlowSchema, PriorityLevelConfiguration } from "../../api/generated/types/flowcontrol-v1.ts";

/** What holds whenever there is no stored object of that name: while the server starts, and after somebody has deleted it. */
export const mandatorySchemas: readonly FlowSchema[] = Object.entries(schemas).map(([name, spec]) => ({
  metadata: { name },
  spec,
}));

export const mandatoryLevels: readonly PriorityLevelConfiguration[] = Object.entries(levels).map(([name, spec]) => ({
  metadata: { name },
  spec,
}));
