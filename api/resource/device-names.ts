import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, tooLong } from "../machinery/findings.ts";
import { cIdentifier, dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import { validateDriverName } from "../storage/class-parameters.ts";

const longestPool = 253;
const longestId = 32;

export function validatePoolName(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const findings = Buffer.byteLength(name) > longestPool ? [tooLong(path, longestPool)] : [];
  for (const part of name.split("/")) findings.push(...named(path, part, dnsSubdomain(part)));
  return findings;
}

export function validateDeviceName(name: string, path: string): FieldError[] {
  return named(path, name, dnsLabel(name));
}

/** Of an attribute or a capacity: `name`, or `domain/name` when it is not the driver's own. */
export function validateQualifiedName(name: string, path: string): FieldError[] {
  const parts = name.split("/");
  const [domain = "", id = ""] = parts;
  if (parts.length === 1) return validateIdentifier(domain, path);
  if (parts.length > 2) return [bad(path, name, "must not contain more than one slash")];
  return [
    ...(domain === "" ? [bad(path, "", "the domain must not be empty")] : validateDriverName(domain, path)),
    ...(id === "" ? [bad(path, "", "the name must not be empty")] : validateIdentifier(id, path)),
  ];
}

export function validateFullName(name: string, path: string): FieldError[] {
  const findings = validateQualifiedName(name, path);
  if (!name.includes("/"))
    findings.push(bad(path, name, "a fully qualified name must be a domain and a name separated by a slash"));
  return findings;
}

function validateIdentifier(id: string, path: string): FieldError[] {
  return [
    ...(Buffer.byteLength(id) > longestId ? [tooLong(path, longestId)] : []),
    ...named(path, id, cIdentifier(id)),
  ];
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function validateShareId(id: string | undefined, path: string): FieldError[] {
  if (id === undefined || uuid.test(id)) return [];
  const form = "`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters";
  return [bad(path, id, `uid must be in RFC 4122 normalized form, ${form}`)];
}
