/**
 * Every refusal of the API is an `ApiError`, which is a `Status` object on the wire.
 * Reasons and codes: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#response-status-kind
 */
const codes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 500,
  StorageReadError: 500,
} as const;

export type Reason = keyof typeof codes;

export interface StatusCause {
  /** A CauseType such as FieldValueInvalid. */
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: readonly StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  status: "Success" | "Failure";
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

export class ApiError extends Error {
  readonly reason: Reason | "";
  readonly code: number;
  readonly details: StatusDetails | undefined;
  /** Sent as ListMeta of the Status: an expired continue token carries a fresh one here. */
  readonly listMeta: Status["metadata"];

  constructor(
    reason: Reason | "",
    message: string,
    more: { details?: StatusDetails | undefined; code?: number; cause?: unknown; listMeta?: Status["metadata"] } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = "ApiError";
    this.reason = reason;
    this.code = more.code ?? (reason === "" ? 500 : codes[reason]);
    this.details = more.details;
    this.listMeta = more.listMeta ?? {};
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.listMeta,
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  /** At a border only: what is not an ApiError becomes a bare internal error, so that nothing leaks. */
  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    return new ApiError("InternalError", "Internal error occurred", { cause: thrown });
  }
}

/** How messages name a resource: `pods`, `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export function qualified({ group, resource }: GroupResource): string {
  return group === "" ? resource : `${resource}.${group}`;
}

export function notFound(of: GroupResource, name: string): ApiError {
  return new ApiError("NotFound", `${qualified(of)} "${name}" not found`, {
    details: { name, ...(of.group === "" ? {} : { group: of.group }), kind: of.resource },
  });
}

export function alreadyExists(of: GroupResource, name: string): ApiError {
  return new ApiError("AlreadyExists", `${qualified(of)} "${name}" already exists`, {
    details: { name, ...(of.group === "" ? {} : { group: of.group }), kind: of.resource },
  });
}

/** `why` is, as a rule, "the object has been modified; please apply your changes to the latest version and try again". */
export function conflict(of: GroupResource, name: string, why: string): ApiError {
  return new ApiError("Conflict", `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`, {
    details: { name, ...(of.group === "" ? {} : { group: of.group }), kind: of.resource },
  });
}

export const optimisticLock =
  "the object has been modified; please apply your changes to the latest version and try again";
