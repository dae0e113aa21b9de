import { readQuantities } from "../../api/core/quantities.ts";
import type { Node, Pod, PodSpec } from "../../api/generated/types/core-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { forbid } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { pods, stored, written } from "./written.ts";

/**
 * A running pod is not changed in a way that its node does not declare to understand (KEP-5328).
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#nodedeclaredfeaturevalidator
 */
export function nodeDeclaredFeatureValidator({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "NodeDeclaredFeatureValidator",
    validate(request) {
      const pod = request.operation === "UPDATE" ? changedPod(request) : undefined;
      const needed = pod === undefined ? [] : neededBy(pod, stored<Pod>(request));
      return needed.length === 0 ? undefined : refuseLack(request, pod?.spec?.nodeName ?? "", needed, reader);
    },
  };
}

/** Names of features; none for a pod that no node runs yet. */
function neededBy({ metadata, spec }: Pod, old: DeepReadonly<Pod> | undefined): readonly string[] {
  const before = old?.spec;
  if (!spec?.nodeName || before === undefined) return [];
  // The generation moves with the spec.
  if (old?.metadata?.generation === metadata?.generation) return [];
  return features.filter(({ isNeeded }) => isNeeded(spec, before, old?.status?.qosClass)).map(({ name }) => name);
}

async function refuseLack(
  request: AdmissionRequest,
  nodeName: string,
  needed: readonly string[],
  reader: ObjectReader,
): Promise<void> {
  const node = await reader.find<Node>("nodes", "", nodeName);
  if (node === undefined) throw forbid(request, `node ${JSON.stringify(nodeName)} not found`);
  const lacking = needed.filter((name) => !node.status?.declaredFeatures?.includes(name));
  if (lacking.length === 0) return;
  throw forbid(
    request,
    `pod update requires features ${lacking.join(", ")} which are not available on node ${JSON.stringify(nodeName)}`,
  );
}

function changedPod(request: AdmissionRequest): Pod | undefined {
  return written<Pod>(request, pods) ?? written<Pod>(request, pods, "resize");
}

type Spec = DeepReadonly<PodSpec>;

/** The features that an update may need, by name. */
const features: readonly {
  readonly name: string;
  readonly isNeeded: (spec: Spec, old: Spec, qosClass: string | undefined) => boolean;
}[] = [
  {
    name: "GuaranteedQoSPodCPUResize",
    isNeeded: ({ containers }, old, qosClass) =>
      qosClass === "Guaranteed" &&
      (old.containers ?? []).some((container, index) => cpu(container) !== cpu(containers?.[index] ?? container)),
  },
  {
    name: "InPlacePodLevelResourcesVerticalScaling",
    isNeeded: ({ resources }, old) => !semanticEqual(resources, old.resources),
  },
  {
    name: "InPlacePodVerticalScalingInitContainers",
    isNeeded: ({ initContainers = [] }, old) =>
      (old.initContainers ?? []).some(
        ({ restartPolicy, resources }, index) =>
          restartPolicy !== "Always" && !semanticEqual(resources, initContainers[index]?.resources),
      ),
  },
];

/** Requested nanos of a CPU. */
function cpu({ resources }: Spec["containers"][number]): bigint {
  return readQuantities(resources?.requests).get("cpu")?.nano ?? 0n;
}
