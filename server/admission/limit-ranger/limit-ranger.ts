import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { aggregate, forbid } from "../forbid.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "../plugin.ts";
import { claims, createdPod, stored, written } from "../written.ts";
import { setDefaults } from "./defaults.ts";
import { claimComplaints, podComplaints } from "./limits.ts";

/**
 * Holds pods and claims to the limits of their namespace, and gives containers its defaults.
 * https://kubernetes.io/docs/concepts/policy/limit-range/
 */
export function limitRanger({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  const rangesOf = ({ namespace }: AdmissionRequest): Promise<readonly DeepReadonly<LimitRange>[]> =>
    reader.list<LimitRange>("limitranges", namespace);
  const fillIn = async (request: AdmissionRequest, pod: Pod): Promise<Mutation> => {
    let changed = false;
    for (const range of await rangesOf(request)) changed = setDefaults(pod, range) || changed;
    return changed ? "changed" : "unchanged";
  };
  const refuse = async (request: AdmissionRequest, complaintsOf: (limits: Limits) => string[]): Promise<void> => {
    for (const { spec } of await rangesOf(request)) {
      const complaints = complaintsOf(spec?.limits ?? []);
      if (complaints.length > 0) throw forbid(request, aggregate(complaints));
    }
  };
  return {
    name: "LimitRanger",
    mutate(request) {
      const pod = limitedPod(request);
      return pod === undefined ? "unchanged" : fillIn(request, pod);
    },
    validate(request) {
      const pod = limitedPod(request);
      if (pod !== undefined) return refuse(request, (limits) => podComplaints(limits, pod));
      const claim = limitedClaim(request);
      return claim === undefined ? undefined : refuse(request, (limits) => claimComplaints(limits, claim));
    },
  };
}

type Limits = readonly DeepReadonly<LimitRangeItem>[];

/** A new pod, or one that is resized: nothing else changes what containers take. */
function limitedPod(request: AdmissionRequest): Pod | undefined {
  if (request.operation === "CREATE") return createdPod(request);
  const resized =
    request.operation === "UPDATE" ? written<Pod>(request, { group: "", resource: "pods" }, "resize") : undefined;
  return isGoing(request) ? undefined : resized;
}

function limitedClaim(request: AdmissionRequest): PersistentVolumeClaim | undefined {
  const isWrite = request.operation === "CREATE" || request.operation === "UPDATE";
  return isWrite && !isGoing(request) ? written<PersistentVolumeClaim>(request, claims) : undefined;
}

function isGoing(request: AdmissionRequest): boolean {
  return stored(request)?.metadata?.deletionTimestamp !== undefined;
}
