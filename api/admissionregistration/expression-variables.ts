/** What expressions about a request may name, with its type. */
import { authorizerTypeName, resourceCheckTypeName } from "../cel/authorizer.ts";
import type { CelField, CelType } from "../cel/cel.ts";

type Variables = Readonly<Record<string, CelType>>;

const text: CelType = { type: "string" };
const dyn: CelType = { type: "dyn" };
const int: CelType = { type: "int" };
const timestamp: CelType = { type: "timestamp" };
const texts: CelType = { type: "list", of: text };
const textMap: CelType = { type: "map", of: text };

function object(name: string, fields: Variables): CelType {
  const known = new Map<string, CelField>(
    Object.entries(fields).map(([jsonName, type]) => [jsonName, { type, jsonName }]),
  );
  return { type: "object", of: { name, field: (field) => known.get(field) } };
}

const groupVersionKind = object("kubernetes.GroupVersionKind", { group: text, version: text, kind: text });
const groupVersionResource = object("kubernetes.GroupVersionResource", { group: text, version: text, resource: text });

/** https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression */
const requestType = object("kubernetes.AdmissionRequest", {
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

/** Owners and managed fields are not shown. */
const namespaceType = object("kubernetes.Namespace", {
  metadata: object("kubernetes.NamespaceMetadata", {
    name: text,
    generateName: text,
    namespace: text,
    labels: textMap,
    annotations: textMap,
    UID: text,
    creationTimestamp: timestamp,
    deletionGracePeriodSeconds: int,
    deletionTimestamp: timestamp,
    generation: int,
    resourceVersion: text,
    finalizers: texts,
  }),
  spec: object("kubernetes.NamespaceSpec", { finalizers: texts }),
  status: object("kubernetes.NamespaceStatus", {
    phase: text,
    conditions: {
      type: "list",
      of: object("kubernetes.NamespaceCondition", {
        status: text,
        type: text,
        lastTransitionTime: timestamp,
        message: text,
        reason: text,
      }),
    },
  }),
});

const seen: Variables = { object: dyn, oldObject: dyn, request: requestType };

const authorizers: Variables = {
  authorizer: { type: "opaque", name: authorizerTypeName },
  "authorizer.requestResource": { type: "opaque", name: resourceCheckTypeName },
};

/** Of the match conditions of webhooks. */
export const requestVariables: Variables = { ...seen, ...authorizers };

/** Of expressions of policies, which may have parameters and variables besides. */
export const policyVariables: Variables = { ...seen, namespaceObject: namespaceType };
export const authorizedPolicyVariables: Variables = { ...policyVariables, ...authorizers };
