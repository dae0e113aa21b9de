import type { ApiRequest, UserInfo } from "../../api/wire.ts";
import type { Trail } from "../audit/trail.ts";

/** The verbs that authorization knows. https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

export interface ResourceTarget {
  readonly type: "resource";
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** What follows a proxy subresource, without the leading slash. */
  readonly tail: string;
  /** "" for all namespaces, or a cluster-scoped resource. */
  readonly namespace: string;
  /** "" for a collection. */
  readonly name: string;
}

export interface NonResourceTarget {
  readonly type: "nonResource";
  /** The method in lower case. */
  readonly verb: string;
}

export type Target = ResourceTarget | NonResourceTarget;

/** After `describe`. */
export interface Described {
  readonly request: ApiRequest;
  /** Decoded for display and matching only; names come from `target`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly target: Target;
  /** Sent back as Audit-Id. */
  readonly auditId: string;
  /** What the client is told in `Warning` headers, whatever becomes of the request. */
  readonly warnings: Set<string>;
  /** What admission notes for the audit log. */
  readonly annotations: Map<string, string>;
  /** Of a request that is noted in the audit log, from when it is known who asks. */
  readonly trail?: Trail;
}

/** After `authenticate` and `impersonate`. */
export interface Identified extends Described {
  readonly user: UserInfo;
  /** Who acts as that user, and the verb of constrained impersonation that allowed it, or "". */
  readonly impersonation?: { readonly by: UserInfo; readonly constraint: string };
}

declare const permitted: unique symbol;

/** Only `authorize` can make one, and only `dispatch` takes one: skipping the stage does not compile. */
export interface Permitted extends Identified {
  readonly [permitted]: true;
}
