import type { GroupResource } from "../../../api/machinery/status.ts";
import type { Authorizer } from "../../../auth/authz/authorizer.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";

export const signingRequests: GroupResource = { group: "certificates.k8s.io", resource: "certificatesigningrequests" };

interface Signing {
  readonly authorize: Authorizer;
  readonly verb: "approve" | "sign";
  readonly signerName: string;
}

/**
 * Refuses who may not do this in the name of a signer. Signers are no objects: permissions name them (`domain/path`), or
 * all of a domain (`domain/*`).
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
 */
export async function requireSigner(
  request: AdmissionRequest,
  { authorize, verb, signerName }: Signing,
): Promise<void> {
  const domain = signerName.split("/", 1)[0] ?? "";
  for (const name of [signerName, `${domain}/*`]) {
    const resource = {
      group: "certificates.k8s.io",
      version: "*",
      resource: "signers",
      subresource: "",
      namespace: "",
      name,
    };
    const { opinion } = await authorize({ user: request.user, verb, resource, path: "" });
    if (opinion === "allow") return;
  }
  throw forbid(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
}
