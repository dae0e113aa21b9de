import { ApiError } from "../../api/machinery/status.ts";
import type { Authenticator } from "./authenticator.ts";

/**
 * Common name = user, organizations = groups; the TLS layer has verified the chain.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
 */
export const clientCertificate: Authenticator = ({ peer }) => {
  const { certificate } = peer;
  if (certificate === undefined) return undefined;
  if (!certificate.verified || certificate.subject.commonName === "")
    throw new ApiError("Unauthorized", "Unauthorized");
  return {
    name: certificate.subject.commonName,
    groups: [...certificate.subject.organizations, "system:authenticated"],
  };
};
