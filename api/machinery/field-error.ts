import { stringifyJson } from "./json.ts";
import { ApiError } from "./status.ts";

/** One finding of validation: upstream's field.Error. */
export interface FieldError {
  readonly type:
    | "Required"
    | "Invalid"
    | "NotSupported"
    | "Duplicate"
    | "Forbidden"
    | "TooLong"
    | "TooMany"
    | "TypeInvalid"
    | "NotFound"
    | "InternalError";
  /** Dotted path such as `spec.containers[0].name`. */
  readonly field: string;
  /** The offending value, shown in the message where upstream shows it. Without the member nothing is shown, not even null. */
  readonly value?: unknown;
  readonly detail: string;
}

const fieldErrorWords = {
  Required: "Required value",
  Invalid: "Invalid value",
  NotSupported: "Unsupported value",
  Duplicate: "Duplicate value",
  Forbidden: "Forbidden",
  TooLong: "Too long",
  TooMany: "Too many",
  TypeInvalid: "Invalid value",
  NotFound: "Not found",
  InternalError: "Internal error",
} as const;

/** Upstream's words after the field: `Invalid value: "x": must be …`. */
export function describeFieldError(error: FieldError): string {
  const { type, value, detail } = error;
  const hidden = type === "Required" || type === "Forbidden" || type === "TooLong" || type === "InternalError";
  const shown =
    hidden || !("value" in error) ? fieldErrorWords[type] : `${fieldErrorWords[type]}: ${shownValue(value ?? null)}`;
  return detail === "" ? shown : `${shown}: ${detail}`;
}

/** Go's JSON is fit for HTML; texts are quoted by other means. */
function shownValue(value: unknown): string {
  const text = stringifyJson(value);
  if (typeof value === "string") return text;
  return text.replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/** 422: all findings of one object, together. `kind` is the object's kind, `group` its group. */
export function invalid(of: { group: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError {
  const said = errors.map((error) => `${error.field}: ${describeFieldError(error)}`);
  const list = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
  const qualifiedKind = of.group === "" ? of.kind : `${of.kind}.${of.group}`;
  return new ApiError("Invalid", `${qualifiedKind} "${name}" is invalid: ${list}`, {
    details: {
      name,
      ...(of.group === "" ? {} : { group: of.group }),
      kind: of.kind,
      causes: errors.map((error) => ({
        reason: `FieldValue${error.type}`,
        message: describeFieldError(error),
        field: error.field,
      })),
    },
  });
}
