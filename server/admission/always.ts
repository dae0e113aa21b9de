import { forbid } from "./forbid.ts";
import type { AdmissionPlugin } from "./plugin.ts";

/** Admits everything, like no plugin at all. */
export function alwaysAdmit(): AdmissionPlugin {
  return { name: "AlwaysAdmit" };
}

/** Refuses every write; for tests. */
export function alwaysDeny(): AdmissionPlugin {
  return {
    name: "AlwaysDeny",
    mutate(request): "unchanged" {
      throw forbid(request, "admission control is denying all modifications");
    },
    validate(request) {
      throw forbid(request, "admission control is denying all modifications");
    },
  };
}
