import type { SelectableNode } from "../../../api/core/node-selection.ts";
import { versionOf } from "../../framework/assume-cache.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { accessOf } from "./match-volume.ts";
import { type Claim, isFullyBound, keyOfClaim, selectedNode } from "./pod-claims.ts";
import type { VolumeBindingEffects } from "./effects.ts";
import type { NodeVolumes, StaticBinding, VolumeCaches } from "./volume-binder.ts";

export interface BindingWork {
  readonly pod: PodInfo;
  readonly node: SelectableNode;
  readonly planned: NodeVolumes;
  readonly caches: VolumeCaches;
  readonly effects: VolumeBindingEffects;
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Writes the reservations and selected nodes, and waits until the volume controller and provisioners have done the
 * rest. Rejects where the pod has to be scheduled anew; what was written by then stays, and is found again.
 */
export async function bindVolumes(work: BindingWork): Promise<void> {
  const { planned, effects, timeoutMilliseconds, signal } = work;
  const written = await write(planned, effects);
  try {
    await effects.until(() => isDone(written, work), timeoutMilliseconds, signal);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`binding volumes: ${why}`, { cause: thrown });
  }
}

async function write({ bindings, provisions }: NodeVolumes, effects: VolumeBindingEffects): Promise<NodeVolumes> {
  const bound: StaticBinding[] = [];
  const selected: Claim[] = [];
  for (const { claim, volume } of bindings) bound.push({ claim, volume: await effects.updateVolume(volume) });
  for (const claim of provisions) selected.push(await effects.updateClaim(claim));
  return { bindings: bound, provisions: selected };
}

function isDone(written: NodeVolumes, work: BindingWork): boolean {
  if (!work.effects.hasPod(work.pod.key))
    throw new Error(`pod does not exist any more: pod "${work.pod.name}" not found`);
  return (
    written.bindings.every((binding) => isBound(binding, work)) &&
    written.provisions.every((claim) => isProvisioned(claim, work))
  );
}

function isBound({ claim, volume }: StaticBinding, { caches, node }: BindingWork): boolean {
  const name = volume.metadata?.name ?? "";
  const current = caches.volumes.known(name);
  const currentClaim = caches.claims.known(keyOfClaim(claim));
  if (current === undefined) throw new Error(`failed to check binding: could not find v1.PersistentVolume "${name}"`);
  if (currentClaim === undefined)
    throw new Error(`failed to check binding: could not find v1.PersistentVolumeClaim "${keyOfClaim(claim)}"`);
  if (versionOf(current) < versionOf(volume)) return false;
  if (!accessOf(current)(node))
    throw new Error(`pv "${name}" node affinity doesn't match node "${node.name}": no matching NodeSelectorTerms`);
  if (!current.spec?.claimRef?.uid) throw new Error(`ClaimRef got reset for pv "${name}"`);
  return isFullyBound(currentClaim);
}

function isProvisioned(claim: Claim, { caches, node }: BindingWork): boolean {
  const key = keyOfClaim(claim);
  const current = caches.claims.known(key);
  if (current === undefined)
    throw new Error(`failed to check provisioning pvc: could not find v1.PersistentVolumeClaim "${key}"`);
  if (versionOf(current) < versionOf(claim)) return false;
  const name = claim.metadata?.name ?? "";
  if (current.metadata?.annotations === undefined) throw new Error(`selectedNode annotation reset for PVC "${name}"`);
  // A provisioner that cannot do it takes the annotation off.
  if (selectedNode(current) !== node.name) throw new Error(`provisioning failed for PVC "${name}"`);
  const volumeName = current.spec?.volumeName;
  if (volumeName) {
    const volume = caches.volumes.known(volumeName);
    if (volume === undefined) return false;
    if (!accessOf(volume)(node))
      throw new Error(
        `pv "${volumeName}" node affinity doesn't match node "${node.name}": no matching NodeSelectorTerms`,
      );
  }
  return isFullyBound(current);
}
