import type { Attributes, Authorizer } from "../../auth/authz/authorizer.ts";
import { requestSelectors } from "../../auth/authz/request-selectors.ts";
import { requestResource, type CelAttributes, type CelAuthorizer } from "../../api/cel/authorizer.ts";
import type { CelInput } from "../../api/cel/cel.ts";
import type { UserInfo } from "../../api/wire.ts";
import { decisionsOf } from "./pending-decision.ts";
import type { AdmissionRequest } from "./plugin.ts";

export { requestVariables } from "../../api/admissionregistration/expression-variables.ts";

/**
 * `authorizer` and `authorizer.requestResource` for one request, which asks each question once. Evaluations that name
 * them are made by `whenDecided`.
 */
export function authorizerVariables(
  request: AdmissionRequest,
  authorize: Authorizer,
): Readonly<Record<string, CelInput>> {
  const { kind, subresource, namespace, name } = request;
  const { group, plural } = kind.row;
  const decide = decisionsOf(authorize);
  const authorizer: CelAuthorizer = {
    check(asked) {
      const { opinion, reason, error } = decide(attributesOf(asked, request.user));
      const decision = opinion === "no opinion" ? "noOpinion" : opinion;
      return { decision, reason, ...(error === undefined ? {} : { error }) };
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
  const { group, resource: plural, subresource, namespace, name, fieldSelector, labelSelector } = resource;
  const asked = { group, version: "*", resource: plural, subresource, namespace, name };
  if (fieldSelector === "" && labelSelector === "") return { user, verb, path, resource: asked };
  return { user, verb, path, resource: { ...asked, selectors: requestSelectors(fieldSelector, labelSelector) } };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens */
function serviceAccountUser({ namespace, name }: { readonly namespace: string; readonly name: string }): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}
