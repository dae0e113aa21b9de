import type { PodSpec } from "../../api/generated/types/core-v1.ts";
import type { RuntimeClass, Scheduling } from "../../api/generated/types/node-v1.ts";
import { sameQuantities } from "../../api/core/quantities.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { getOwn, setOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { forbid } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";
import { mergeTolerations } from "./tolerations.ts";
import { createdPod } from "./written.ts";

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/**
 * A pod carries the overhead of its runtime class, and runs where the class says.
 * https://kubernetes.io/docs/concepts/containers/runtime-class/
 */
export function runtimeClass({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "RuntimeClass",
    mutate(request) {
      const spec = createdPod(request)?.spec;
      return spec?.runtimeClassName === undefined ? "unchanged" : follow(request, spec, reader);
    },
    validate(request) {
      const spec = createdPod(request)?.spec;
      const matters = spec?.runtimeClassName !== undefined || spec?.overhead !== undefined;
      return matters ? compare(request, spec, reader) : undefined;
    },
  };
}

async function follow(request: AdmissionRequest, spec: PodSpec, reader: ObjectReader): Promise<Mutation> {
  const { overhead, scheduling } = (await classOf(request, spec, reader)) ?? {};
  if (overhead !== undefined) {
    const { podFixed } = overhead;
    if (spec.overhead !== undefined && !sameQuantities(podFixed, spec.overhead)) throw forbid(request, mismatch);
    if (podFixed !== undefined) spec.overhead = { ...podFixed };
  }
  if (scheduling !== undefined) schedule(request, spec, scheduling);
  return "changed";
}

async function compare(request: AdmissionRequest, spec: PodSpec, reader: ObjectReader): Promise<void> {
  const overhead = (await classOf(request, spec, reader))?.overhead;
  if (overhead !== undefined && !sameQuantities(overhead.podFixed, spec.overhead)) throw forbid(request, mismatch);
  if (overhead === undefined && spec.overhead !== undefined)
    throw forbid(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
}

async function classOf(
  request: AdmissionRequest,
  { runtimeClassName: name }: PodSpec,
  reader: ObjectReader,
): Promise<DeepReadonly<RuntimeClass> | undefined> {
  if (name === undefined) return undefined;
  const found = await reader.find<RuntimeClass>("runtimeclasses.node.k8s.io", "", name);
  if (found === undefined) throw forbid(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

function schedule(request: AdmissionRequest, spec: PodSpec, { nodeSelector, tolerations }: DeepReadonly<Scheduling>) {
  const merged = { ...spec.nodeSelector };
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = getOwn(merged, key);
    if (own !== undefined && own !== value) {
      throw forbid(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    }
    setOwn(merged, key, value);
  }
  if (Object.keys(merged).length > 0) spec.nodeSelector = merged;
  const all = mergeTolerations(spec.tolerations ?? [], deepClone(tolerations ?? []));
  if (all.length > 0) spec.tolerations = all;
}
