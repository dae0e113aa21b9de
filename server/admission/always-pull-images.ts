import type { Pod, PodSpec } from "../../api/generated/types/core-v1.ts";
import { describeFieldError } from "../../api/machinery/field-error.ts";
import { unsupported } from "../../api/machinery/findings.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { aggregate, forbid } from "./forbid.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { stored, writtenPod } from "./written.ts";

/**
 * No pod gets at an image that another pod's credentials have brought to the node.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages
 */
export function alwaysPullImages(): AdmissionPlugin {
  return {
    name: "AlwaysPullImages",
    mutate(request) {
      const spec = concerned(request);
      if (spec === undefined) return "unchanged";
      for (const list of lists) for (const container of spec[list] ?? []) container.imagePullPolicy = "Always";
      for (const { image } of spec.volumes ?? []) if (image !== undefined) image.pullPolicy = "Always";
      return "changed";
    },
    validate(request) {
      const spec = concerned(request);
      const complaints = spec === undefined ? [] : complaintsOf(spec);
      if (complaints.length > 0) throw forbid(request, aggregate(complaints));
    },
  };
}

const lists = ["initContainers", "containers", "ephemeralContainers"] as const;

/** Updates matter only where they bring new images. */
function concerned(request: AdmissionRequest): PodSpec | undefined {
  const spec = writtenPod(request)?.spec;
  if (spec === undefined || request.operation === "CREATE") return spec;
  const known = new Set(imagesOf(stored<Pod>(request)?.spec));
  return imagesOf(spec).every((image) => known.has(image)) ? undefined : spec;
}

function imagesOf(spec: DeepReadonly<PodSpec> | undefined): string[] {
  return lists.flatMap((list) => (spec?.[list] ?? []).map(({ image = "" }) => image));
}

function complaintsOf(spec: DeepReadonly<PodSpec>): string[] {
  const policies = [
    ...lists.flatMap((list) =>
      (spec[list] ?? []).map(
        ({ imagePullPolicy = "" }, index) => [`spec.${list}[${index}].imagePullPolicy`, imagePullPolicy] as const,
      ),
    ),
    ...(spec.volumes ?? []).flatMap(({ image }, index) =>
      image === undefined ? [] : [[`spec.volumes[${index}].image.pullPolicy`, image.pullPolicy ?? ""] as const],
    ),
  ];
  return policies
    .filter(([, policy]) => policy !== "Always")
    .map(([field, policy]) => `${field}: ${describeFieldError(unsupported(field, policy, ["Always"]))}`);
}
