import type { Binding } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

/** Answered, never stored: it binds a pod to a node. */
export const bindings: ResourceRow = defineResource<Binding>({
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.Binding",
  verbs: ["create"],
  stored: false,
  validate: validateBinding,
});

export function validateBinding({ target }: DeepReadonly<Binding>): FieldError[] {
  return [
    ...(target?.kind && target.kind !== "Node" ? [unsupported("target.kind", target.kind, ["Node", "<empty>"])] : []),
    ...(target?.name ? [] : [required("target.name")]),
  ];
}
