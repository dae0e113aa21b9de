import { isObject } from "../../../api/machinery/members.ts";
import type { JsonObject } from "../../../api/machinery/object.ts";
import { ApiError, qualified, type Reason, type StatusDetails } from "../../../api/machinery/status.ts";
import type { AdmissionRequest } from "../plugin.ts";

/** A webhook could not be asked, or answered nonsense: its failurePolicy decides what that means. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";

  constructor(webhook: string, why: string, cause?: unknown) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`, { cause });
  }
}

export function internalError(message: string, cause?: unknown): ApiError {
  return new ApiError("InternalError", `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause,
  });
}

/** The webhook said no: its code, reason and details are the answer's. */
export function denied(webhook: string, result: JsonObject | undefined): ApiError {
  const { code, reason = "", message = "", details } = result ?? {};
  const why = textOf(message) || textOf(reason);
  const said = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const isFailure = typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599;
  // A webhook's reason may be any text; like its details it goes to the client as it came.
  return new ApiError(textOf(reason) as Reason | "", why === "" ? `${said} without explanation` : `${said}: ${why}`, {
    code: isFailure ? code : 400,
    ...(isObject(details) ? { details: details as StatusDetails } : {}),
  });
}

export function dryRunUnsupported(webhook: string): ApiError {
  return new ApiError("BadRequest", `admission webhook ${JSON.stringify(webhook)} does not support dry run`);
}

/** A match condition could not be told. */
export function undecided({ kind, name }: AdmissionRequest, why: string): ApiError {
  const { group, resource } = kind.row.groupResource;
  const called = name === "" ? "" : ` ${JSON.stringify(name)}`;
  return new ApiError("Forbidden", `${qualified(kind.row.groupResource)}${called} is forbidden: ${why}`, {
    details: { ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), kind: resource },
  });
}

export function requestTimedOut(): ApiError {
  return new ApiError("Timeout", "Timeout: request did not complete within requested timeout", { details: {} });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
