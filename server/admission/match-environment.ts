import type { Attributes, Authorizer } from "../../auth/authz/authorizer.ts";
import { requestResource, type CelAttributes, type CelAuthorizer } from "../../api/cel/authorizer.ts";
import type { CelInput } from "../../api/cel/cel.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { AdmissionRequest } from "./plugin.ts";

export { requestVariables } from "../../api/admissionregistration/expression-variables.ts";

/** `authorizer` and `authorizer.requestResource` for one request. */
export function authorizerVariables(
  request: AdmissionRequest,
  authorize: Authorizer,
): Readonly<Record<string, CelInput>> {
  const { kind, subresource, namespace, name } = request;
  const { group, plural } = kind.row;
  const authorizer: CelAuthorizer = {
    check(asked) {
      const decision = authorize(attributesOf(asked, request.user));
      if (decision instanceof Promise) return { decision: "noOpinion", error: "the authorizer cannot answer at once" };
      const { opinion, reason } = decision;
      return { decision: opinion === "no opinion" ? "noOpinion" : opinion, reason };
    },
  };
  return {
    authorizer,
    "authorizer.requestResource": requestResource(authorizer, {
      group,
      resource: plural,
      subresource,
      namespace,
      name,
    }),
  };
}

function attributesOf({ verb, serviceAccount, path = "", resource }: CelAttributes, asking: UserInfo): Attributes {
  const user = serviceAccount === undefined ? asking : serviceAccountUser(serviceAccount);
  if (resource === undefined) return { user, verb, path };
  const { group, resource: plural, subresource, namespace, name } = resource;
  return { user, verb, path, resource: { group, version: "*", resource: plural, subresource, namespace, name } };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens */
function serviceAccountUser({ namespace, name }: { readonly namespace: string; readonly name: string }): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}
