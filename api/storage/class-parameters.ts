import type { FieldError } from "../machinery/field-error.ts";
import { bad, requiredName, tooLong } from "../machinery/findings.ts";
import { dnsSubdomain, labelKey } from "../machinery/names.ts";

const longestDriverName = 63;
const mostParameters = 512;
const mostBytes = 256 * 1024;

/** Who makes the volumes of a class: a label key when in lower case, such as `example.com/disk`. */
export function validateProvisioner(name: string, path: string): FieldError[] {
  return requiredName(path, name, (given) => labelKey(given.toLowerCase()));
}

/** https://github.com/container-storage-interface/spec/blob/master/spec.md#getplugininfo */
export function validateDriverName(name: string, path: string): FieldError[] {
  const findings = requiredName(path, name, (given) => dnsSubdomain(given.toLowerCase()));
  return name.length > longestDriverName ? [tooLong(path, longestDriverName), ...findings] : findings;
}

/** What a class tells its driver: any keys and values, within bounds. */
export function validateParameters(parameters: Readonly<Record<string, string>>, path: string): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > mostParameters) {
    return [tooLong(path, mostParameters)];
  }
  const findings = entries.filter(([key]) => key === "").map(([key]) => bad(path, key, "field can not be empty."));
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes > mostBytes) {
    findings.push(tooLong(path, mostBytes));
  }
  return findings;
}
