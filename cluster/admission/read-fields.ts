/** Strict readers of configuration files: what is unknown or of another type is refused with its path. */
import { describeFieldError, type FieldError } from "../../api/machinery/field-error.ts";
import { unsupported } from "../../api/machinery/findings.ts";
import { getOwn, isObject, setOwn } from "../../api/machinery/members.ts";
import { OptionError } from "../option-error.ts";

/** Throws an OptionError that begins with the path. */
export type Reader<T> = (value: unknown, path: string) => T;

type Fields = Readonly<Record<string, Reader<unknown>>>;
type Struct<F extends Fields> = { readonly [Name in keyof F]?: ReturnType<F[Name]> };

export const text: Reader<string> = (value, path) => {
  if (typeof value !== "string") throw wrongType(path, "a text");
  return value;
};

export const integer: Reader<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw wrongType(path, "a whole number");
  return value;
};

export const boolean: Reader<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw wrongType(path, "true or false");
  return value;
};

/** Left for another reader. */
export const anything: Reader<unknown> = (value) => value;

export function oneOf<T extends string>(allowed: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw fieldProblem(unsupported(path, value, allowed));
    return found;
  };
}

export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrongType(path, "a list");
    return value.map((one, index) => item(one, `${path}[${index}]`));
  };
}

export function map<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path, "an object");
    const read: Record<string, T> = {};
    for (const [key, one] of Object.entries(value)) setOwn(read, key, item(one, `${path}[${key}]`));
    return read;
  };
}

/** Told of a field that nobody knows. */
export type OnUnknown = (path: string) => void;

const refuseUnknown: OnUnknown = (path) => {
  throw new OptionError(`${path}: unknown field; check the name`);
};

export function struct<F extends Fields>(fields: F, onUnknown: OnUnknown = refuseUnknown): Reader<Struct<F>> {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path, "an object");
    const read: Record<string, unknown> = {};
    for (const [name, content] of Object.entries(value)) {
      const at = path === "" ? name : `${path}.${name}`;
      const reader = getOwn(fields, name);
      if (reader === undefined) {
        onUnknown(at);
        continue;
      }
      // As Go reads it: null is nothing.
      if (content !== null) read[name] = reader(content, at);
    }
    // Each was read by the reader of its name.
    return read as Struct<F>;
  };
}

/** A struct that says what it is. `kinds`: `group/version Kind`, the preferred one first. */
export function document<F extends Fields>(
  kinds: readonly string[],
  fields: F,
  onUnknown: OnUnknown = refuseUnknown,
): Reader<Struct<F>> {
  const read = struct({ ...fields, apiVersion: text, kind: text }, onUnknown);
  return (value, path) => {
    const { apiVersion, kind } = isObject(value) ? value : {};
    const isKnown =
      typeof apiVersion === "string" && typeof kind === "string" && kinds.includes(`${apiVersion} ${kind}`);
    if (!isKnown) {
      const [wantedVersion = "", wantedKind = ""] = kinds[0]?.split(" ") ?? [];
      throw refused(path, `it must have apiVersion: ${wantedVersion} and kind: ${wantedKind}`);
    }
    return read(value, path);
  };
}

export function fieldProblem(error: FieldError): OptionError {
  return refused(error.field, describeFieldError(error));
}

export function refused(path: string, why: string): OptionError {
  return new OptionError(path === "" ? why : `${path}: ${why}`);
}

function wrongType(path: string, wanted: string): OptionError {
  return refused(path, `it must be ${wanted}`);
}
