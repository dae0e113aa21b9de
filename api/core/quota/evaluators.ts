import { type GroupResource, qualified } from "../../machinery/status.ts";
import { quantityOf } from "../../machinery/quantity.ts";
import { countName, type QuotaEvaluator } from "./evaluator.ts";
import { persistentVolumeClaimEvaluator } from "./persistent-volume-claims.ts";
import { podEvaluator } from "./pods.ts";
import { resourceClaimEvaluator } from "./resource-claims.ts";
import { serviceEvaluator } from "./services.ts";

/** Those that had a name of their own before every resource could be counted. */
const aliased = ["configmaps", "resourcequotas", "replicationcontrollers", "secrets"].map((resource) =>
  objectCount({ group: "", resource }, resource),
);

const special: readonly QuotaEvaluator[] = [
  podEvaluator,
  serviceEvaluator,
  persistentVolumeClaimEvaluator,
  resourceClaimEvaluator,
  ...aliased,
];
const byResource: ReadonlyMap<string, QuotaEvaluator> = new Map(special.map((one) => [qualified(one.counts), one]));

/** Not stored, or never counted. */
const ignored: ReadonlySet<string> = new Set([
  "bindings",
  "componentstatuses",
  "events",
  "events.events.k8s.io",
  "tokenreviews.authentication.k8s.io",
  "selfsubjectreviews.authentication.k8s.io",
  "subjectaccessreviews.authorization.k8s.io",
  "selfsubjectaccessreviews.authorization.k8s.io",
  "localsubjectaccessreviews.authorization.k8s.io",
  "selfsubjectrulesreviews.authorization.k8s.io",
]);

/** How the objects of a resource count, a custom one's too; undefined for those that never do. */
export function evaluatorOf(of: GroupResource): QuotaEvaluator | undefined {
  const name = qualified(of);
  return ignored.has(name) ? undefined : (byResource.get(name) ?? objectCount(of));
}

/** Those whose objects count towards any of these names of `spec.hard`. */
export function evaluatorsTracking(resources: readonly string[]): readonly QuotaEvaluator[] {
  const found = special.filter((one) => resources.some((resource) => one.tracks(resource)));
  const counted = resources.flatMap((resource) => countedResource(resource) ?? []);
  const others = counted.filter((of) => !byResource.has(qualified(of)) && !ignored.has(qualified(of)));
  return [...found, ...others.map((of) => objectCount(of))];
}

/** `count/deployments.apps` → deployments of apps. */
function countedResource(name: string): GroupResource | undefined {
  if (!name.startsWith("count/")) return undefined;
  const [resource = "", ...group] = name.slice("count/".length).split(".");
  return { group: group.join("."), resource };
}

function objectCount(counts: GroupResource, alias?: string): QuotaEvaluator {
  const names = [countName(counts), ...(alias === undefined ? [] : [alias])];
  const usage = new Map(names.map((name) => [name, quantityOf(1)]));
  return {
    counts,
    isCharged: ({ operation, subresource }) => operation === "CREATE" && subresource === "",
    tracks: (resource) => names.includes(resource),
    usage: () => usage,
  };
}
