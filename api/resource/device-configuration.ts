import type { OpaqueDeviceConfiguration } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required, tooLong } from "../machinery/findings.ts";
import { stringifyJson } from "../machinery/json.ts";
import type { DeepReadonly, Json } from "../machinery/object.ts";
import { validateDriverName } from "../storage/class-parameters.ts";

const longestParameters = 10 * 1024;

/** What is handed to a driver as it is. */
export function validateConfiguration(
  { opaque }: { readonly opaque?: DeepReadonly<OpaqueDeviceConfiguration> },
  path: string,
): FieldError[] {
  if (opaque === undefined) return [required(`${path}.opaque`)];
  return [
    ...validateDriverName(opaque.driver, `${path}.opaque.driver`),
    ...validateRaw(opaque.parameters, `${path}.opaque.parameters`),
  ];
}

/** Any JSON object, within bounds. */
export function validateRaw(value: DeepReadonly<Json> | undefined, path: string): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (Buffer.byteLength(stringifyJson(value)) > longestParameters) return [tooLong(path, longestParameters)];
  if (typeof value === "object" && !Array.isArray(value)) return [];
  return [bad(path, "<value omitted>", "must be a valid JSON object")];
}
