import type { Scale } from "../../api/generated/types/autoscaling-v1.ts";
import type { CrossVersionObjectReference } from "../../api/generated/types/autoscaling-v2.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ObjectName } from "../../client/client.ts";
import type { ResourceType } from "../../client/resource-types.ts";
import type { ScaleClient } from "../scale/scale-client.ts";
import { groupOf, type ServedKinds } from "../scale/served-kinds.ts";

/** The scale of what an autoscaler scales, and where it is. */
export interface ScaleTarget {
  readonly type: ResourceType;
  readonly name: ObjectName;
  readonly scale: DeepReadonly<Scale>;
}

interface Server {
  readonly servedKinds: ServedKinds;
  readonly scales: ScaleClient;
}

/** Throws what the autoscaler's condition says. */
export async function findScale(
  { apiVersion = "", kind, name }: DeepReadonly<CrossVersionObjectReference>,
  namespace: string | undefined,
  { servedKinds, scales }: Server,
): Promise<ScaleTarget> {
  if (apiVersion.split("/").length > 2) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  const group = groupOf(apiVersion);
  const resources = await servedKinds(group, kind);
  if (resources.length === 0) throw new Error(`no matches for kind "${kind}" in group "${group}"`);
  let first: unknown;
  for (const { type } of resources) {
    const at = { namespace, name };
    try {
      return { type, name: at, scale: await scales.get(type, at) };
    } catch (thrown) {
      first ??= thrown;
    }
  }
  throw first;
}

/** Another writer may be faster this often. */
const maxTries = 5;

/** The size that the autoscaler decided on, whatever else of the scale has changed meanwhile. */
export async function rescale(
  { type, name, scale }: ScaleTarget,
  replicas: number,
  scales: ScaleClient,
): Promise<void> {
  let newest = scale;
  for (let left = maxTries - 1; ; left -= 1) {
    try {
      await scales.update(type, name, { ...newest, spec: { ...newest.spec, replicas } });
      return;
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.reason !== "Conflict" || left === 0) throw thrown;
    }
    newest = await scales.get(type, name);
  }
}
