/** Paths in volumes and on nodes. */
import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";

export function withoutBacksteps(field: string, path: string): FieldError[] {
  return path.split("/").includes("..") ? [bad(field, path, "must not contain '..'")] : [];
}

/** A path that stays inside. */
export function descendingPath(field: string, path: string): FieldError[] {
  const findings = path.startsWith("/") ? [bad(field, path, "must be a relative path")] : [];
  return [...findings, ...withoutBacksteps(field, path)];
}

/** The same for files that a node writes: names with two dots in front are its own. */
export function unreservedPath(field: string, path: string): FieldError[] {
  const isReserved = path.startsWith("..") && path !== ".." && !path.startsWith("../");
  return [...descendingPath(field, path), ...(isReserved ? [bad(field, path, "must not start with '..'")] : [])];
}
