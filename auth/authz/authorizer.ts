import type { UserInfo } from "../../api/wire.ts";
import type { RequestSelectors } from "./request-selectors.ts";

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
    /** Of a list or watch: the one name that its field selector asks for. */
    readonly name: string;
    /** Of a list, watch or deletecollection: what it is narrowed to. */
    readonly selectors?: RequestSelectors;
  };
  readonly path: string;
}

export interface Decision {
  /** "no opinion" asks the next authorizer; when none has one, the request is denied. */
  readonly opinion: "allow" | "deny" | "no opinion";
  /** For audit logs and reviews, and, where the request is refused, for the client; "" when there is nothing to say. */
  readonly reason: string;
  /** What went wrong on the way. Unless somebody allows the request, this is the server's failure rather than a refusal. */
  readonly error?: string;
}

/** A promise only where an answer has to be waited for: most are there at once. */
export type Authorizer = (attributes: Attributes) => Decision | Promise<Decision>;

export const noOpinion: Decision = { opinion: "no opinion", reason: "" };
export const allowed: Decision = { opinion: "allow", reason: "" };
