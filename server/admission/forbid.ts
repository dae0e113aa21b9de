import { ApiError, qualified, type StatusCause } from "../../api/machinery/status.ts";
import type { AdmissionRequest } from "./plugin.ts";

/** How a plugin refuses: `pods "web-" is forbidden: why`. A name that is still to be generated is told by its prefix. */
export function forbid(request: AdmissionRequest, why: string, causes?: readonly StatusCause[]): ApiError {
  const { metadata } = request.object ?? {};
  return forbidObject(request, request.name || metadata?.name || metadata?.generateName || "Unknown", why, causes);
}

/** As `forbid`, for the few plugins that tell the object's own name even where it has none yet. */
export function forbidNamed(request: AdmissionRequest, why: string): ApiError {
  return forbidObject(request, request.object?.metadata?.name ?? "", why);
}

function forbidObject(
  { kind }: AdmissionRequest,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): ApiError {
  const { group, resource } = kind.row.groupResource;
  const called = name === "" ? "" : ` ${JSON.stringify(name)}`;
  return new ApiError("Forbidden", `${qualified(kind.row.groupResource)}${called} is forbidden: ${why}`, {
    details: {
      ...(name === "" ? {} : { name }),
      ...(group === "" ? {} : { group }),
      kind: resource,
      ...(causes.length === 0 ? {} : { causes }),
    },
  });
}

/** Upstream's plain errors: nothing but the text, with code 500. */
export function failure(text: string): ApiError {
  return new ApiError("", text);
}

/** Several complaints as one text: `[a, b]`, each told once. */
export function aggregate(complaints: readonly string[]): string {
  const distinct = [...new Set(complaints)];
  return distinct.length === 1 ? (distinct[0] ?? "") : `[${distinct.join(", ")}]`;
}
