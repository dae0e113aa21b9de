import type { UserInfo } from "../../api/wire.ts";

export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** Undefined for a path outside the resources. */
  readonly resource?: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly path: string;
}

/** "no opinion" asks the next authorizer; when none has one, the request is denied. */
export type Decision = "allow" | "deny" | "no opinion";
export type Authorizer = (attributes: Attributes) => Decision;
