import type { FlowSchema, FlowSchemaCondition } from "../../api/generated/types/flowcontrol-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { ObjectWriter } from "../admission/object-reader.ts";

type Schema = DeepReadonly<FlowSchema>;

/** Says on each flow schema whether its priority level exists. `now` in milliseconds. */
export async function tellDangling(
  schemas: readonly Schema[],
  levelExists: (name: string) => boolean,
  { writer, now }: { readonly writer: ObjectWriter; readonly now: () => number },
): Promise<void> {
  for (const schema of schemas) {
    const level = schema.spec?.priorityLevelConfiguration.name ?? "";
    const exists = levelExists(level);
    if (withCondition(schema, level, exists, "") === undefined) continue;
    try {
      await writer.updateStatus<FlowSchema>(
        "flowschemas.flowcontrol.apiserver.k8s.io",
        "",
        schema.metadata?.name ?? "",
        (current) => withCondition(current, level, exists, formatTime(now())),
      );
    } catch (thrown) {
      // Deleted since it was read.
      if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
    }
  }
}

/** Undefined when it says so already. */
function withCondition(schema: Schema, level: string, exists: boolean, time: string): FlowSchema | undefined {
  const conditions = schema.status?.conditions ?? [];
  const known = conditions.find(({ type }) => type === "Dangling");
  const named = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  const wanted: FlowSchemaCondition = {
    type: "Dangling",
    status: exists ? "False" : "True",
    lastTransitionTime: time,
    reason: exists ? "Found" : "NotFound",
    message: exists ? `${named} and it exists` : `${named} but there is no such object`,
  };
  if (known?.status === wanted.status && known?.reason === wanted.reason && known?.message === wanted.message)
    return undefined;
  const others = conditions.filter(({ type }) => type !== "Dangling");
  return { ...structuredClone(schema as FlowSchema), status: { conditions: [...structuredClone(others), wanted] } };
}
