import type { Container, PodSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** All containers of a pod with their paths, those that run first coming first. */
export function visitContainers(
  spec: DeepReadonly<PodSpec>,
  path: string,
): readonly (readonly [container: DeepReadonly<Container>, path: string])[] {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    // Null once decoded from nothing: `containers` is always written.
    (spec[list] ?? []).map((container, index) => [container, `${path}.${list}[${index}]`] as const),
  );
}
