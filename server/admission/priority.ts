import type { Pod, PodSpec } from "../../api/generated/types/core-v1.ts";
import type { PriorityClass } from "../../api/generated/types/scheduling-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { forbid } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";
import { stored, written, writtenPod } from "./written.ts";

const classes = "priorityclasses.scheduling.k8s.io";
const priorityClasses = { group: "scheduling.k8s.io", resource: "priorityclasses" };

/**
 * Turns the name of a pod's priority class into its priority; there is one default class at most.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export function priority({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "Priority",
    mutate(request) {
      const spec = writtenPod(request)?.spec;
      if (spec === undefined) return "unchanged";
      if (request.operation === "UPDATE") return keep(spec, stored<Pod>(request)?.spec);
      return classOf(request, spec, reader).then((found) => resolve(request, spec, found));
    },
    validate(request) {
      const written = writtenClass(request);
      return written?.globalDefault === true ? refuseSecondDefault(request, written, reader) : undefined;
    },
  };
}

async function refuseSecondDefault(
  request: AdmissionRequest,
  { metadata }: PriorityClass,
  reader: ObjectReader,
): Promise<void> {
  const other = await defaultClass(reader);
  const name = other?.metadata?.name;
  if (other !== undefined && (request.operation === "CREATE" || name !== metadata?.name))
    throw forbid(request, `PriorityClass ${name} is already marked as default. Only one default can exist`);
}

function writtenClass(request: AdmissionRequest): PriorityClass | undefined {
  const { operation } = request;
  return operation === "CREATE" || operation === "UPDATE"
    ? written<PriorityClass>(request, priorityClasses)
    : undefined;
}

/** An update that leaves out what was resolved at creation does not mean to remove it. */
function keep(spec: PodSpec, old: DeepReadonly<PodSpec> | undefined): Mutation {
  let mutation: Mutation = "unchanged";
  if (spec.priority === undefined && old?.priority !== undefined) {
    spec.priority = old.priority;
    mutation = "changed";
  }
  if (spec.preemptionPolicy === undefined && old?.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = old.preemptionPolicy;
    mutation = "changed";
  }
  return mutation;
}

interface Resolved {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: string | undefined;
}

async function classOf(request: AdmissionRequest, spec: PodSpec, reader: ObjectReader): Promise<Resolved> {
  const name = spec.priorityClassName ?? "";
  const found = name === "" ? await defaultClass(reader) : await reader.find<PriorityClass>(classes, "", name);
  if (found !== undefined) {
    const { metadata, value, preemptionPolicy } = found;
    return { name: metadata?.name ?? "", value: value ?? 0, preemptionPolicy };
  }
  if (name !== "") throw forbid(request, `no PriorityClass with name ${name} was found`);
  return { name: "", value: 0, preemptionPolicy: "PreemptLowerPriority" };
}

/** Two may have slipped in at the same time: the lower one counts. */
async function defaultClass(reader: ObjectReader): Promise<DeepReadonly<PriorityClass> | undefined> {
  let lowest: DeepReadonly<PriorityClass> | undefined;
  for (const one of await reader.list<PriorityClass>(classes)) {
    if (one.globalDefault === true && (lowest === undefined || (one.value ?? 0) < (lowest.value ?? 0))) lowest = one;
  }
  return lowest;
}

function resolve(request: AdmissionRequest, spec: PodSpec, { name, value, preemptionPolicy }: Resolved): Mutation {
  if (spec.priority !== undefined && spec.priority !== value) {
    throw forbid(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  }
  if (preemptionPolicy !== undefined) {
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
      throw forbid(
        request,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      );
    }
    spec.preemptionPolicy = preemptionPolicy;
  }
  if (name !== "") spec.priorityClassName = name;
  spec.priority = value;
  return "changed";
}
