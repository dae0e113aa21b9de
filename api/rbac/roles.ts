import type { Role } from "../generated/types/rbac-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validatePolicyRules } from "./policy-rules.ts";

export const roles: ResourceRow = defineResource<Role>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  definition: "io.k8s.api.rbac.v1.Role",
  storageVersionHash: "7FuwZcIIItM=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  nameRule: "pathSegment",
  validate: ({ rules }) => validatePolicyRules(rules ?? [], { namespaced: true }),
});
