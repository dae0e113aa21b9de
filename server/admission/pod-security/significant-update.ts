import type { Container } from "../../../api/generated/types/core-v1.ts";
import type { PodLike } from "../../../api/core/pod-security/check.ts";
import { getOwn } from "../../../api/machinery/members.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

type Containers = readonly DeepReadonly<Container>[] | undefined;

/**
 * Whether an update of a pod is judged again. Hardly anything of a pod can change: its images can, and ephemeral containers
 * can come. A label must stay writable on a pod that is older than its namespace's policy.
 */
export function isSignificantUpdate(pod: PodLike, old: PodLike): boolean {
  const changed = (container: DeepReadonly<Container>, before: DeepReadonly<Container> | undefined): boolean =>
    before === undefined || container.image !== before.image || seccomp(pod, container) !== seccomp(old, container);
  const anyChanged = (now: Containers, before: Containers): boolean =>
    (now?.length ?? 0) !== (before?.length ?? 0) ||
    (now ?? []).some((container, index) => changed(container, before?.[index]));
  if (anyChanged(pod.spec.containers, old.spec.containers)) return true;
  if (anyChanged(pod.spec.initContainers, old.spec.initContainers)) return true;
  const ephemeral = new Map((old.spec.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (pod.spec.ephemeralContainers ?? []).some((container) => changed(container, ephemeral.get(container.name)));
}

function seccomp({ metadata }: PodLike, { name }: DeepReadonly<Container>): string | undefined {
  return getOwn(metadata.annotations ?? {}, `container.seccomp.security.alpha.kubernetes.io/${name}`);
}
