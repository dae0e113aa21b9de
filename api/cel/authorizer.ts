import { OpaqueValue } from "./values/value.ts";

/**
 * What expressions may ask of the server's authorizer, as `authorizer` and `authorizer.requestResource`.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
 */
export interface CelAuthorizer {
  /** Answers at once; asked at most twice in one expression, for what a check costs. */
  check(attributes: CelAttributes): CelDecision;
}

export interface CelDecision {
  readonly decision: "allow" | "deny" | "noOpinion";
  readonly reason?: string;
  /** When the check itself went wrong. */
  readonly error?: string;
}

export interface CelAttributes {
  readonly verb: string;
  /** Who is asked about; undefined: the user of the request. */
  readonly serviceAccount?: ServiceAccountName;
  /** One of the two. */
  readonly path?: string;
  readonly resource?: CelResource;
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** In any version. Empty texts mean none. */
export interface CelResource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As the expression has them; what cannot be parsed limits nothing. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

const prefix = "kubernetes.authorization";
export const authorizerTypeName: string = `${prefix}.Authorizer`;
export const resourceCheckTypeName: string = `${prefix}.ResourceCheck`;

abstract class CheckValue extends OpaqueValue {
  override equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

export class AuthorizerValue extends CheckValue {
  override readonly typeName: string = authorizerTypeName;
  readonly authorizer: CelAuthorizer;
  readonly serviceAccount: ServiceAccountName | undefined;

  constructor(authorizer: CelAuthorizer, serviceAccount?: ServiceAccountName) {
    super();
    this.authorizer = authorizer;
    this.serviceAccount = serviceAccount;
  }

  check(attributes: CelAttributes): DecisionValue {
    const { serviceAccount } = this;
    return new DecisionValue(
      this.authorizer.check(serviceAccount === undefined ? attributes : { ...attributes, serviceAccount }),
    );
  }
}

export class PathCheckValue extends CheckValue {
  override readonly typeName: string = `${prefix}.PathCheck`;
  readonly authorizer: AuthorizerValue;
  readonly path: string;

  constructor(authorizer: AuthorizerValue, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

export class GroupCheckValue extends CheckValue {
  override readonly typeName: string = `${prefix}.GroupCheck`;
  readonly authorizer: AuthorizerValue;
  readonly group: string;

  constructor(authorizer: AuthorizerValue, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

export class ResourceCheckValue extends CheckValue {
  override readonly typeName: string = resourceCheckTypeName;
  readonly authorizer: AuthorizerValue;
  readonly resource: CelResource;

  constructor(authorizer: AuthorizerValue, resource: CelResource) {
    super();
    this.authorizer = authorizer;
    this.resource = resource;
  }
}

export class DecisionValue extends CheckValue {
  override readonly typeName: string = `${prefix}.Decision`;
  readonly decision: CelDecision;

  constructor(decision: CelDecision) {
    super();
    this.decision = decision;
  }
}

/** The value of `authorizer.requestResource`: the request's own resource. */
export function requestResource(
  authorizer: CelAuthorizer,
  resource: Omit<CelResource, "fieldSelector" | "labelSelector">,
): ResourceCheckValue {
  return new ResourceCheckValue(new AuthorizerValue(authorizer), { ...resource, fieldSelector: "", labelSelector: "" });
}

/** What a variable of the authorizer's type holds. */
export function isAuthorizer(value: unknown): value is CelAuthorizer {
  return typeof value === "object" && value !== null && "check" in value && typeof value.check === "function";
}
