import { ApiError } from "./status.ts";

/**
 * The value of a resourceVersion parameter: undefined for "" (the newest, consistently), 0 for any.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = /^[0-9]+$/.test(text) ? Number(text) : undefined;
  if (value === undefined) throw refused(text, "invalid syntax");
  // Beyond 2^64 upstream refuses; in between is a revision that never comes.
  if (BigInt(text.slice(0, 40)) >= 2n ** 64n) throw refused(text, "value out of range");
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

function refused(text: string, why: string): ApiError {
  const shown = JSON.stringify(text);
  return new ApiError(
    "BadRequest",
    `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${why}`,
  );
}
