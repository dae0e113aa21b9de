import type { Pod, Service } from "../../api/generated/types/core-v1.ts";
import { isPodReady, isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { Labels } from "../../api/machinery/labels.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { keyOf } from "../../client/lister.ts";

/** The pods that a service selects, ended ones too. */
export type PodsOf = (service: DeepReadonly<Service>) => DeepReadonly<Pod>[];

/** A service of so many pods is looked at no sooner than after so many milliseconds: by then more of them have changed. */
const unhurried = 100;
const mostMs = 1000;

/**
 * Finds the pods of services, and tells of a service when the endpoints that its pods make may have changed. Neither
 * looks at all pods or all services of a namespace: both are indexed by a label that the selector asks for.
 */
export function watchServicePods(
  services: Informer<Service>,
  pods: Informer<Pod>,
  addAfter: (serviceKey: string, milliseconds: number) => void,
): PodsOf {
  /** How many pods services had when they were last looked at. */
  const sizes = new Map<string, number>();
  const add = (key: string): void => addAfter(key, delayFor(sizes.get(key) ?? 0));
  const podsByLabel = pods.index(({ metadata }) => labelValues(metadata?.namespace, metadata?.labels));
  const servicesByLabel = services.index((service) => {
    const value = firstOf(service);
    return value === undefined ? [] : [value];
  });
  const selecting = ({ metadata }: DeepReadonly<Pod>): Set<string> => {
    const labels = metadata?.labels ?? {};
    const candidates = labelValues(metadata?.namespace, labels).flatMap((value) => servicesByLabel(value));
    return new Set(candidates.filter((service) => selects(service, labels)).map(keyOf));
  };
  const wake = (pod: DeepReadonly<Pod>): void => {
    for (const key of selecting(pod)) add(key);
  };
  pods.on({
    added: wake,
    updated(pod, old) {
      const moved = !deepEqual(pod.metadata?.labels ?? {}, old.metadata?.labels ?? {});
      const changed = endpointChanged(pod, old);
      if (changed) wake(pod);
      if (!moved) return;
      const [now, before] = [selecting(pod), selecting(old)];
      for (const key of before) if (changed || !now.has(key)) add(key);
      for (const key of now) if (!before.has(key)) add(key);
    },
    deleted: wake,
  });
  services.on({ deleted: (service) => void sizes.delete(keyOf(service)) });
  return (service) => {
    const value = firstOf(service);
    if (value === undefined) return [];
    const found = podsByLabel(value).filter(({ metadata }) => selects(service, metadata?.labels ?? {}));
    sizes.set(keyOf(service), found.length);
    return found;
  };
}

/** What a look costs grows with the pods, and so may its delay. */
function delayFor(pods: number): number {
  return pods <= unhurried ? 0 : Math.min(pods / 10, mostMs);
}

/** An empty selector is none: it selects nothing. */
export function hasSelector({ spec }: DeepReadonly<Service>): boolean {
  return Object.keys(spec?.selector ?? {}).length > 0;
}

function selects({ spec }: DeepReadonly<Service>, labels: Labels): boolean {
  return Object.entries(spec?.selector ?? {}).every(([key, value]) => getOwn(labels, key) === value);
}

function firstOf({ metadata, spec }: DeepReadonly<Service>): string | undefined {
  const [first] = Object.entries(spec?.selector ?? {});
  return first === undefined ? undefined : labelValue(metadata?.namespace, first);
}

function labelValues(namespace: string | undefined, labels: Labels = {}): string[] {
  return Object.entries(labels).map((label) => labelValue(namespace, label));
}

function labelValue(namespace = "", [key, value]: readonly [string, string]): string {
  return `${namespace}/${key}=${value}`;
}

/** Whether a service that selects both has something to write. */
function endpointChanged(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): boolean {
  return (
    isPodReady(pod) !== isPodReady(old) ||
    isPodTerminating(pod) !== isPodTerminating(old) ||
    isPodTerminal(pod) !== isPodTerminal(old) ||
    pod.spec?.nodeName !== old.spec?.nodeName ||
    !deepEqual(pod.status?.podIPs ?? [], old.status?.podIPs ?? [])
  );
}
