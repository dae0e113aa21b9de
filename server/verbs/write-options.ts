import { invalid, type FieldError } from "../../api/machinery/field-error.ts";
import { bad, forbidden, oneOf, required, tooLong } from "../../api/machinery/findings.ts";
import type { JsonObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { isTrue } from "../pipeline/describe.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** Query parameters of every write. https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run and #field-validation */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** As JSON, for admission webhooks. */
  readonly sent: JsonObject;
}

export interface PatchOptions extends WriteOptions {
  /** Take the fields that others own; an apply only. */
  readonly force: boolean;
}

const validations: readonly string[] = ["Ignore", "Strict", "Warn"];
const maxManager = 128;

/** `kind` names the options in errors. Throws 422 Invalid. */
export function writeOptions(
  query: URLSearchParams,
  kind: "CreateOptions" | "UpdateOptions",
  userAgent: string | undefined,
): WriteOptions {
  return optionsOf(query, kind, userAgent, []);
}

/** Who applies must say who it is; who does not apply has nothing to force. Throws 422 Invalid. */
export function patchOptions(
  query: URLSearchParams,
  by: { readonly isApply: true } | { readonly isApply: false; readonly userAgent: string | undefined },
): PatchOptions {
  const errors: FieldError[] = [];
  if (by.isApply) {
    if ((query.get("fieldManager") ?? "") === "") errors.push(required("fieldManager", "is required for apply patch"));
  } else if (query.has("force")) errors.push(forbidden("force", "may not be specified for non-apply patch"));
  const options = optionsOf(query, "PatchOptions", by.isApply ? undefined : by.userAgent, errors);
  const force = isTrue(query.get("force"));
  return { ...options, force, sent: query.has("force") ? { ...options.sent, force } : options.sent };
}

function optionsOf(
  query: URLSearchParams,
  kind: string,
  userAgent: string | undefined,
  errors: FieldError[],
): WriteOptions {
  const dryRun = query.getAll("dryRun");
  for (const value of dryRun) errors.push(...oneOf("dryRun", value, ["All"]));
  const fieldValidation = query.get("fieldValidation") ?? "";
  errors.push(...oneOf("fieldValidation", fieldValidation || undefined, validations));
  const fieldManager = query.get("fieldManager") ?? "";
  if (Buffer.byteLength(fieldManager) > maxManager) errors.push(tooLong("fieldManager", maxManager));
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(fieldManager))
    errors.push(bad("fieldManager", fieldManager, "should only contain printable characters"));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: fieldManager === "" ? defaultManager(userAgent) : fieldManager,
    fieldValidation: fieldValidation === "" ? "Warn" : (fieldValidation as FieldValidation),
    sent: {
      kind,
      apiVersion: "meta.k8s.io/v1",
      ...(dryRun.length === 0 ? {} : { dryRun }),
      ...(fieldManager === "" ? {} : { fieldManager }),
      ...(fieldValidation === "" ? {} : { fieldValidation }),
    },
  };
}

/** The client's name up to the first slash, as upstream names managers that name none. */
function defaultManager(userAgent: string | undefined): string {
  return (userAgent ?? "unknown").split("/", 1)[0]?.slice(0, maxManager) ?? "unknown";
}

/** Unknown and duplicate fields: refused, told as warnings, or passed over. Throws 400. */
export function judgeFields(
  found: { readonly unknown: readonly string[]; readonly duplicates: readonly string[] },
  validation: FieldValidation,
  of: { readonly kind: string; readonly version: string; readonly warnings: Set<string> },
): void {
  const said = [...found.duplicates, ...found.unknown.map((path) => `unknown field ${JSON.stringify(path)}`)];
  if (said.length === 0 || validation === "Ignore") return;
  if (validation === "Warn") {
    for (const text of said) of.warnings.add(text);
    return;
  }
  throw new ApiError(
    "BadRequest",
    `${of.kind} in version ${JSON.stringify(of.version)} cannot be handled as a ${of.kind}: strict decoding error: ${said.join(", ")}`,
  );
}
