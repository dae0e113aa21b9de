import type { Service } from "../../api/generated/types/core-v1.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { stored, written } from "./written.ts";

const services = { group: "", resource: "services" };

/**
 * Services take no external addresses that they do not have already.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips
 */
export function denyServiceExternalIPs(): AdmissionPlugin {
  return {
    name: "DenyServiceExternalIPs",
    validate(request) {
      const service = request.operation === "DELETE" ? undefined : written<Service>(request, services);
      if (service === undefined) return;
      const known = stored<Service>(request)?.spec?.externalIPs ?? [];
      if ((service.spec?.externalIPs ?? []).some((address) => !known.includes(address)))
        throw forbid(request, "Use of external IPs is denied by admission control");
    },
  };
}
