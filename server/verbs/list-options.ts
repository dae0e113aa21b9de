import { invalid, type FieldError } from "../../api/machinery/field-error.ts";
import { forbidden } from "../../api/machinery/findings.ts";
import { decodeContinue, type ContinueToken } from "../../api/machinery/continue-token.ts";
import { parseResourceVersion } from "../../api/machinery/resource-version.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { isTrue } from "../pipeline/describe.ts";

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list and for-watch */
export interface ListOptions {
  readonly revision: number | undefined;
  /** "Exact", "NotOlderThan" or "". */
  readonly match: string;
  /** 0: no limit. */
  readonly limit: number;
  readonly continue: ContinueToken | undefined;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

export function listOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const token = query.get("continue") ?? "";
  const options: ListOptions = {
    revision: parseResourceVersion(query.get("resourceVersion") ?? ""),
    match: query.get("resourceVersionMatch") ?? "",
    limit: wholeNumber(query, "limit") ?? 0,
    continue: token === "" ? undefined : decodeContinue(token),
    sendInitialEvents: query.has("sendInitialEvents") ? isTrue(query.get("sendInitialEvents")) : undefined,
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    timeoutSeconds: wholeNumber(query, "timeoutSeconds"),
  };
  const errors = watch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
  if (!watch && options.continue !== undefined && (options.revision ?? 0) !== 0)
    throw new ApiError("BadRequest", "specifying resource version is not allowed when using continue");
  return options;
}

function listErrors({ match, revision, continue: token, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== "" && revision === undefined)
    errors.push(
      forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"),
    );
  if (match !== "" && token !== undefined)
    errors.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
  if (match !== "" && match !== "Exact" && match !== "NotOlderThan")
    errors.push(unsupported(match, '"Exact", "NotOlderThan", ""'));
  if (match === "Exact" && revision === 0)
    errors.push(forbidden("resourceVersionMatch", 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  if (sendInitialEvents !== undefined)
    errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return errors;
}

function watchErrors({ match, continue: token, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== "NotOlderThan")
    errors.push(
      forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
    );
  if (match === "") return errors;
  if (sendInitialEvents === undefined)
    errors.push(
      forbidden(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      ),
    );
  if (match !== "NotOlderThan") errors.push(unsupported(match, '"NotOlderThan"'));
  if (token !== undefined)
    errors.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
  return errors;
}

function unsupported(match: string, supported: string): FieldError {
  return {
    type: "NotSupported",
    field: "resourceVersionMatch",
    value: match,
    detail: `supported values: ${supported}`,
  };
}

/** Negative numbers mean none, as upstream has it. */
function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  if (text === "") return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new ApiError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Math.max(0, value);
}
