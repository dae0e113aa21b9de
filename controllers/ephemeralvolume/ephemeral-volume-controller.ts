import type { PersistentVolumeClaim, Pod, Volume } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerReference, isControlledBy } from "../../api/machinery/owners.ts";
import { keyFor, keyOf } from "../../client/lister.ts";
import { persistentVolumeClaims, pods as podType } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { claimKeysOf, claimNameOf } from "../persistentvolume/pod-claims.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";

/** Makes the claims of pods' own volumes. https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes */
export const ephemeralVolumeController: Controller = {
  name: "ephemeral-volume-controller",
  component: "ephemeral_volume",
  start({ client, informers, reconciler, events }) {
    const pods = informers.of(podType);
    const claims = informers.of(persistentVolumeClaims);
    const podsOf = pods.index(claimKeysOf);
    const make = async (pod: DeepReadonly<Pod>, volume: DeepReadonly<Volume>): Promise<void> => {
      const wanted = claimFor(pod, volume);
      if (wanted === undefined) return;
      const { namespace, name = "" } = wanted.metadata ?? {};
      const there = claims.get(keyFor(namespace, name));
      if (there !== undefined && !isControlledBy(there, pod))
        throw new Error(`PVC ${namespace}/${name} was not created for pod ${keyOf(pod)} (pod is not owner)`);
      if (there !== undefined) return;
      try {
        await client.create(persistentVolumeClaims, wanted);
      } catch (thrown) {
        if (isNamespaceGoing(thrown)) return;
        throw new Error(`create PVC ${name}: ${messageOf(thrown)}`, { cause: thrown });
      }
    };
    const queue = reconciler({
      async reconcile(key) {
        const pod = pods.get(key);
        if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return;
        for (const volume of pod.spec?.volumes ?? []) {
          try {
            await make(pod, volume);
          } catch (thrown) {
            const message = `ephemeral volume ${volume.name}: ${messageOf(thrown)}`;
            events.event(pod, { type: "Warning", reason: "FailedBinding", message });
            throw thrown;
          }
        }
      },
    });
    const add = (pod: DeepReadonly<Pod>): void => {
      if (pod.spec?.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true) queue.add(keyOf(pod));
    };
    // What they need is written in their specs, which stay as they are.
    pods.on({ added: add });
    claims.on({ deleted: (claim) => podsOf(keyOf(claim)).forEach(add) });
  },
};

function claimFor(
  pod: DeepReadonly<Pod>,
  volume: DeepReadonly<Volume>,
): DeepReadonly<PersistentVolumeClaim> | undefined {
  const template = volume.ephemeral?.volumeClaimTemplate;
  const name = claimNameOf(pod, volume);
  if (template === undefined || name === undefined) return undefined;
  const { annotations, labels } = template.metadata ?? {};
  return {
    metadata: {
      namespace: pod.metadata?.namespace ?? "",
      name,
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
      ownerReferences: [controllerReference(pod, podType)],
    },
    spec: template.spec,
  };
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
