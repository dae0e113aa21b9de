import type { PodSpec } from "../../api/generated/types/core-v1.ts";
import { describeFieldError } from "../../api/machinery/field-error.ts";
import { bad } from "../../api/machinery/findings.ts";
import { getOwn, setOwn } from "../../api/machinery/members.ts";
import { labelKey, labelValue } from "../../api/machinery/names.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { failure, forbidNamed } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";
import { createdPod } from "./written.ts";

const annotation = "scheduler.alpha.kubernetes.io/node-selector";

type Labels = Readonly<Record<string, string>>;

/**
 * By namespace, the labels that its pods may select, and under `clusterDefaultNodeSelector` what pods of namespaces
 * without an annotation select: `env=test,tier=web`.
 */
export type NodeSelectorConfig = Readonly<Record<string, string>>;

/**
 * The pods of a namespace run on the nodes that are meant for it.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector
 */
export function podNodeSelector(deps: {
  readonly reader: ObjectReader;
  readonly config: NodeSelectorConfig;
}): AdmissionPlugin {
  return {
    name: "PodNodeSelector",
    mutate(request) {
      const spec = createdPod(request)?.spec;
      return spec === undefined ? "unchanged" : select(request, spec, deps);
    },
    validate(request) {
      const spec = createdPod(request)?.spec;
      return spec === undefined ? undefined : check(request, spec, deps);
    },
  };
}

type Deps = Parameters<typeof podNodeSelector>[0];

async function select(request: AdmissionRequest, spec: PodSpec, deps: Deps): Promise<Mutation> {
  const wanted = await selectorOf(request, deps);
  refuseConflict(request, spec, wanted);
  const merged = { ...wanted, ...spec.nodeSelector };
  if (Object.keys(merged).length > 0) spec.nodeSelector = merged;
  refuseUnlisted(request, spec, deps.config);
  return "changed";
}

async function check(request: AdmissionRequest, spec: PodSpec, deps: Deps): Promise<void> {
  refuseConflict(request, spec, await selectorOf(request, deps));
  refuseUnlisted(request, spec, deps.config);
}

async function selectorOf({ namespace }: AdmissionRequest, { reader, config }: Deps): Promise<Labels> {
  const found = await reader.find("namespaces", "", namespace);
  if (found === undefined)
    throw new ApiError("InternalError", `Internal error occurred: namespace ${namespace} does not exist`);
  const own = getOwn(found.metadata?.annotations ?? {}, annotation);
  return readLabels(own ?? getOwn(config, "clusterDefaultNodeSelector") ?? "");
}

function refuseConflict(request: AdmissionRequest, spec: PodSpec, wanted: Labels): void {
  const conflicts = Object.entries(spec.nodeSelector ?? {}).some(
    ([key, value]) => (getOwn(wanted, key) ?? value) !== value,
  );
  if (conflicts) throw forbidNamed(request, "pod node label selector conflicts with its namespace node label selector");
}

/** A namespace without a list may select anything. */
function refuseUnlisted(request: AdmissionRequest, spec: PodSpec, config: NodeSelectorConfig): void {
  const listed = readLabels(getOwn(config, request.namespace) ?? "");
  if (Object.keys(listed).length === 0) return;
  if (Object.entries(spec.nodeSelector ?? {}).some(([key, value]) => getOwn(listed, key) !== value))
    throw forbidNamed(request, "pod node label selector labels conflict with its namespace whitelist");
}

/** `a=b,c=d`. */
function readLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  if (text === "") return labels;
  for (const part of text.split(",")) {
    const [key = "", value, ...more] = part.split("=").map((word) => word.trim());
    if (value === undefined || more.length > 0) throw failure(`invalid selector: ${part}`);
    const wrong = [
      [key, labelKey(key)],
      [value, labelValue(value)],
    ] as const;
    for (const [word, problems] of wrong)
      // The field has no path here, and upstream prints it so.
      if (problems.length > 0) throw failure(`<nil>: ${describeFieldError(bad("", word, problems.join("; ")))}`);
    setOwn(labels, key, value);
  }
  return labels;
}
