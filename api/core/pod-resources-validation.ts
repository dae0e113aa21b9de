import type { PodSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly, JsonObject } from "../machinery/object.ts";
import { canonicalQuantity, compareQuantities, tryQuantity } from "../machinery/quantity.ts";
import { sumOfContainers } from "./container-resources.ts";
import { isHugePages, podResourceName } from "./resource-names.ts";
import { validateResources } from "./resource-requirements-validation.ts";

/** Resources of the pod as a whole (KEP-2837): its containers must fit in. */
export function validatePodResources(
  spec: DeepReadonly<PodSpec>,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const { resources } = spec;
  if (resources === undefined) return [];
  if (spec.os?.name === "windows") return [forbidden(path, "may not be set for a windows pod")];
  const findings =
    resources.claims === undefined
      ? []
      : [forbidden(`${path}.claims`, "claims may not be set for Resources at pod-level")];
  return [
    ...findings,
    ...validateResources(resources, { name: podResourceName, claims }, path),
    ...roomForAll(spec, "requests", path),
    ...roomForAll(spec, "limits", path),
    ...roomForEach(spec, path),
  ];
}

/** Together they must not ask for more. Their limits may add up to more, but for huge pages. */
function roomForAll(spec: DeepReadonly<PodSpec>, which: "requests" | "limits", path: string): FieldError[] {
  const given = spec.resources?.[which] ?? {};
  // A pod's spec is JSON; its interface only lacks the index signature.
  const sums = sumOfContainers(spec as unknown as JsonObject, which);
  return [...sums].flatMap(([name, sum]) => {
    const own = getOwn(given, name);
    if (own === undefined || (which === "limits" && !isHugePages(name)) || !exceeds(sum, own)) return [];
    const detail = `must be greater than or equal to aggregate container ${which} of ${sum}`;
    return [bad(`${path}.${which}[${name}]`, canonicalQuantity(own), detail)];
  });
}

function roomForEach(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const most = spec.resources?.limits ?? {};
  return (spec.containers ?? []).flatMap(({ resources }, index) =>
    Object.entries(resources?.limits ?? {}).flatMap(([name, limit]) => {
      const own = getOwn(most, name);
      if (own === undefined || !exceeds(limit, own)) return [];
      const detail = `must be less than or equal to pod limits of ${canonicalQuantity(own)}`;
      return [bad(`${path}.containers[${index}][${name}].limits`, canonicalQuantity(limit), detail)];
    }),
  );
}

function exceeds(text: string, most: string): boolean {
  const [amount, limit] = [tryQuantity(text), tryQuantity(most)];
  return amount !== undefined && limit !== undefined && compareQuantities(amount, limit) > 0;
}
