import type { PersistentVolumeClaim, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Client } from "../../client/client.ts";
import { type IndexLookup, keyOf } from "../../client/lister.ts";
import { persistentVolumeClaims, pods as podType } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import type { Claim } from "../persistentvolume/claim-and-volume.ts";
import { claimKeysOf, isPodDone } from "../persistentvolume/pod-claims.ts";
import { isGoing, isUnprotected, withFinalizer, withoutFinalizer } from "../persistentvolume/protection.ts";
import { uses } from "./uses.ts";

const finalizer = "kubernetes.io/pvc-protection";

/**
 * Keeps claims as long as pods use them. Its keys are namespaces: when all claims of one go, the pods are asked for once.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 */
export const pvcProtectionController: Controller = {
  name: "persistentvolumeclaim-protection-controller",
  serviceAccount: "pvc-protection-controller",
  start({ client, informers, reconciler }) {
    const claims = informers.of(persistentVolumeClaims);
    const pods = informers.of(podType);
    const isOpen = (claim: Claim): boolean => isGoing(claim, finalizer) || isUnprotected(claim, finalizer);
    const openIn = claims.index((claim) => (isOpen(claim) ? [claim.metadata?.namespace ?? ""] : []));
    const podsOf = pods.index(claimKeysOf);
    const queue = reconciler({ reconcile: (namespace) => reconcile(namespace, { openIn, podsOf, client }) });
    const wake = ({ metadata }: DeepReadonly<Pod | PersistentVolumeClaim>): void =>
      queue.add(metadata?.namespace ?? "");
    const onClaim = (claim: Claim): void => {
      if (isOpen(claim)) wake(claim);
    };
    const onPod = (pod: DeepReadonly<Pod>, isGone = false): void => {
      const canRelease = isGone || isPodDone(pod) || (pod.spec?.nodeName ?? "") === "";
      if (canRelease && openIn(pod.metadata?.namespace ?? "").length > 0) wake(pod);
    };
    claims.on({ added: onClaim, updated: onClaim });
    pods.on({ added: (pod) => onPod(pod), updated: (pod) => onPod(pod), deleted: (pod) => onPod(pod, true) });
  },
};

interface Parts {
  /** By namespace: what is to be deleted, or has no finalizer. */
  readonly openIn: IndexLookup<PersistentVolumeClaim>;
  readonly podsOf: IndexLookup<Pod>;
  readonly client: Client;
}

async function reconcile(namespace: string, { openIn, podsOf, client }: Parts): Promise<void> {
  const open = openIn(namespace);
  const isKnownUser = (claim: Claim): boolean => podsOf(keyOf(claim)).some((pod) => uses(pod, claim));
  const leaving = open.filter((claim) => isGoing(claim, finalizer) && !isKnownUser(claim));
  // A pod may be there that no watch has told of yet.
  const live = leaving.length === 0 ? [] : await client.list(podType, { namespace });
  const unused = leaving.filter((claim) => !live.some((pod) => uses(pod, claim)));
  const write = (claim: Claim): Promise<Claim> => client.update(persistentVolumeClaims, claim);
  const outcomes = await Promise.allSettled([
    ...unused.map((claim) => write(withoutFinalizer(claim, finalizer))),
    ...open.filter((claim) => isUnprotected(claim, finalizer)).map((claim) => write(withFinalizer(claim, finalizer))),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
