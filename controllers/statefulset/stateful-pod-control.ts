import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import { pods } from "../../client/resource-types.ts";
import { type ClaimControl, type ClaimDeps, createClaimControl } from "./claim-control.ts";
import { type AnyPod, type AnySet, hasIdentity, hasStorage, identityLabels, podName, withClaims } from "./identity.ts";
import type { SetEvents, Verb } from "./set-events.ts";
import { statefulPod } from "./stateful-pod.ts";

/** A revision's name and the template that it recorded. */
export interface PodRevision {
  readonly name: string;
  readonly template: DeepReadonly<PodTemplateSpec>;
}

/** Makes, deletes and mends the pods of a StatefulSet and their claims, and tells of it in the set's events. */
export interface StatefulPodControl {
  /** The claims come before the pod that mounts them. */
  create(set: AnySet, ordinal: number, revision: PodRevision): Promise<void>;
  /** One that is gone already is fine. */
  delete(set: AnySet, pod: AnyPod): Promise<void>;
  mend(set: AnySet, pod: AnyPod, ordinal: number): Promise<void>;
  /** Makes claims that are missing (of a pod that waits for them) and gives those that are there to their owners. */
  claims(set: AnySet, pod: AnyPod, ordinal: number): Promise<void>;
}

export function createStatefulPodControl(deps: ClaimDeps): StatefulPodControl {
  const { client, events } = deps;
  const claims = createClaimControl(deps);
  const nameOf = ({ metadata }: AnyPod): string => metadata?.name ?? "";
  return {
    async create(set, ordinal, revision) {
      const made = await telling({ set, verb: "Create", pod: podName(set, ordinal) }, events, async () => {
        await claims.make(set, ordinal);
        return client.create(pods, statefulPod(set, ordinal, revision));
      });
      await claims.own(set, made, ordinal);
    },
    delete: (set, pod) => telling({ set, verb: "Delete", pod: nameOf(pod) }, events, () => remove(pod, client)),
    mend: (set, pod, ordinal) =>
      telling({ set, verb: "Update", pod: nameOf(pod) }, events, () => mend(set, pod, ordinal, { client, claims })),
    async claims(set, pod, ordinal) {
      if (pod.status?.phase === "Pending") await claims.make(set, ordinal);
      await claims.own(set, pod, ordinal);
    },
  };
}

interface Deed {
  readonly set: AnySet;
  readonly verb: Verb;
  /** The pod's name. */
  readonly pod: string;
}

async function telling<T>({ set, verb, pod }: Deed, events: SetEvents, act: () => Promise<T>): Promise<T> {
  try {
    const done = await act();
    events.pod(set, verb, pod);
    return done;
  } catch (thrown) {
    // Somebody was faster: the next reconcile sees the pod.
    if (!is(thrown, "AlreadyExists")) events.podFailed(set, verb, pod, thrown);
    throw thrown;
  }
}

/** This very pod, not one that took its name. */
async function remove({ metadata }: AnyPod, client: Client): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  try {
    await client.delete(pods, { namespace, name }, { preconditions: { uid } });
  } catch (thrown) {
    if (!is(thrown, "NotFound")) throw thrown;
  }
}

async function mend(
  set: AnySet,
  pod: AnyPod,
  ordinal: number,
  { client, claims }: { readonly client: Client; readonly claims: ClaimControl },
): Promise<void> {
  const isStored = hasStorage(pod, set, ordinal);
  if (!isStored) await claims.make(set, ordinal);
  await claims.own(set, pod, ordinal);
  if (isStored && hasIdentity(pod)) return;
  const { metadata, spec = { containers: [] } } = pod;
  await client.update(pods, {
    ...pod,
    metadata: { ...metadata, labels: { ...metadata?.labels, ...identityLabels(set, ordinal) } },
    spec: isStored ? spec : { ...spec, volumes: withClaims(spec.volumes ?? [], set, ordinal) },
  });
}

function is(thrown: unknown, reason: ApiError["reason"]): boolean {
  return thrown instanceof ApiError && thrown.reason === reason;
}
