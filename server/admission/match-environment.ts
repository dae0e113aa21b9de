import type { Attributes, Decision } from "../../auth/authz/authorizer.ts";
import {
  authorizerTypeName,
  requestResource,
  resourceCheckTypeName,
  type CelAttributes,
  type CelAuthorizer,
} from "../../api/cel/authorizer.ts";
import type { CelField, CelInput, CelType } from "../../api/cel/cel.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { AdmissionRequest } from "./plugin.ts";

const text: CelType = { type: "string" };
const dyn: CelType = { type: "dyn" };
const texts: CelType = { type: "list", of: text };

function object(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  const known = new Map<string, CelField>(
    Object.entries(fields).map(([jsonName, type]) => [jsonName, { type, jsonName }]),
  );
  return { type: "object", of: { name, field: (field) => known.get(field) } };
}

const groupVersionKind = object("kubernetes.GroupVersionKind", { group: text, version: text, kind: text });
const groupVersionResource = object("kubernetes.GroupVersionResource", { group: text, version: text, resource: text });

/** The variable `request`. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression */
const requestType: CelType = object("kubernetes.AdmissionRequest", {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: text,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: text,
  name: text,
  namespace: text,
  operation: text,
  userInfo: object("kubernetes.UserInfo", {
    username: text,
    uid: text,
    groups: texts,
    extra: { type: "map", of: texts },
  }),
  dryRun: { type: "bool" },
  options: dyn,
});

/** What every expression about a request may name. */
export const requestVariables: Readonly<Record<string, CelType>> = {
  object: dyn,
  oldObject: dyn,
  request: requestType,
  authorizer: { type: "opaque", name: authorizerTypeName },
  "authorizer.requestResource": { type: "opaque", name: resourceCheckTypeName },
};

/** `authorizer` and `authorizer.requestResource` for one request. */
export function authorizerVariables(
  request: AdmissionRequest,
  authorize: (attributes: Attributes) => Decision,
): Readonly<Record<string, CelInput>> {
  const { kind, subresource, namespace, name } = request;
  const { group, plural } = kind.row;
  const authorizer: CelAuthorizer = {
    check(asked) {
      const decision = authorize(attributesOf(asked, request.user));
      return { decision: decision === "no opinion" ? "noOpinion" : decision };
    },
  };
  return {
    authorizer,
    "authorizer.requestResource": requestResource(authorizer, { group, resource: plural, subresource, namespace, name }),
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
