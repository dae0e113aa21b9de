import { deepClone } from "../machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../machinery/object.ts";

/** The fields that events.k8s.io/v1 names otherwise: [v1, events.k8s.io/v1]. All others are alike. */
const renamed: readonly (readonly [hub: string, served: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];
const toServed = new Map(renamed);
const toHub = new Map(renamed.map(([hub, served]) => [served, hub]));

export function eventToHub(event: KubeObject): KubeObject {
  return withNames(event, toHub, "v1");
}

export function eventFromHub(event: DeepReadonly<KubeObject>): KubeObject {
  return withNames(deepClone(event), toServed, "events.k8s.io/v1");
}

function withNames(event: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const members = Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value] as const);
  return { ...Object.fromEntries(members), apiVersion };
}
