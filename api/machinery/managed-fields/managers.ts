/** Who owns what of an object: `metadata.managedFields` as entries on the wire and as managers to work with. */
import { deepEqual } from "../equal.ts";
import type { DeepReadonly, ManagedFieldsEntry } from "../object.ts";
import { timeMillis } from "../time.ts";
import { equalSets, type FieldSet } from "./field-set.ts";
import { decodeFieldsV1, encodeFieldsV1, storedFieldsV1 } from "./fields-v1.ts";
import { TypedError } from "./typed-error.ts";

export type Entry = DeepReadonly<ManagedFieldsEntry>;
export type Entries = readonly Entry[];

/**
 * One entry. Its identity is manager, operation, subresource and, for updates, the version: whoever applies has one set
 * in whatever version.
 */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** What it was read from, as long as it says the same: an entry that nothing happened to is not written anew. */
  readonly entry?: Entry;
}

/** Upstream's text for an identity: it decides the order where time does not. */
export type ManagerId = string;
export type Managers = ReadonlyMap<ManagerId, Manager>;

export function managerId({
  name,
  operation,
  apiVersion,
  subresource,
}: Pick<Manager, "name" | "operation" | "apiVersion" | "subresource">): ManagerId {
  // Each write asks for several: of three texts, and not of an object that is made for it.
  const manager = name === "" ? "" : `"manager":${JSON.stringify(name)},`;
  const version = operation === "Apply" ? "" : `,"apiVersion":${JSON.stringify(apiVersion)}`;
  const part = subresource === "" ? "" : `,"subresource":${JSON.stringify(subresource)}`;
  return `{${manager}"operation":"${operation}"${version}${part}}`;
}

export function withFields(manager: Manager, fields: FieldSet): Manager {
  if (fields === manager.fields || equalSets(fields, manager.fields)) return manager;
  return changed(manager, { fields });
}

export function withTime(manager: Manager, time: string | undefined): Manager {
  return time === manager.time ? manager : changed(manager, { time });
}

function changed({ entry: _, ...manager }: Manager, change: Partial<Manager>): Manager {
  return { ...manager, ...change };
}

/** What is stored. Throws TypedError, in upstream's words, for an entry that makes no sense. */
export function decodeManagers(entries: Entries): Managers {
  const managers = new Map<ManagerId, Manager>();
  entries.forEach((entry, index) => {
    const manager = { ...decodeEntry(entry, index), fields: storedFieldsV1(entry.fieldsV1), entry };
    managers.set(managerId(manager), manager);
  });
  return managers;
}

function decodeEntry(entry: Entry, index: number): Omit<Manager, "fields"> {
  const { manager: name = "", operation, apiVersion = "", fieldsType, subresource = "", time } = entry;
  if (operation !== "Apply" && operation !== "Update") throw new TypedError("operation must be `Apply` or `Update`");
  if (apiVersion === "") throw new TypedError("apiVersion must not be empty");
  if (!fieldsType) throw new TypedError(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== "FieldsV1")
    throw new TypedError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
  return { name, operation, apiVersion, subresource, time };
}

/** Answers `before` itself when these are its entries. Undefined: there are none. */
export function encodeManagers(managers: Managers, before: Entries | undefined): Entries | undefined {
  if (managers.size === 0) return undefined;
  const entries = [...managers.values()].map((manager) => manager.entry ?? encodeEntry(manager));
  // Stored entries are in order already.
  const isBefore = before?.length === entries.length && entries.every((entry, index) => entry === before[index]);
  return isBefore ? before : entries.sort(compareEntries);
}

/** In the order in which Go prints. */
function encodeEntry({ name, operation, apiVersion, subresource, time, fields }: Manager): Entry {
  return {
    ...(name === "" ? {} : { manager: name }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: encodeFieldsV1(fields),
    ...(subresource === "" ? {} : { subresource }),
  };
}

function compareEntries(a: Entry, b: Entry): number {
  return (
    compareText(a.operation, b.operation) ||
    (a.time === b.time ? 0 : seconds(a.time) - seconds(b.time)) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

function compareText(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Upstream sorts by whole seconds; an entry without a time comes first. */
export function seconds(time: string | undefined): number {
  return Math.floor((timeMillis(time) ?? 0) / 1000);
}

/**
 * What a client sent back, with each entry that it left alone as it was stored: the same content in another order of
 * keys is no change, and anything else is written in canonical form.
 */
export function decodeSentManagers(sent: Entries, stored: Entries): Managers {
  const managers = new Map<ManagerId, Manager>();
  sent.forEach((entry, index) => {
    const known = deepEqual(stored[index], entry) ? stored[index] : stored.find((other) => deepEqual(other, entry));
    const decoded = decodeEntry(entry, index);
    managers.set(
      managerId(decoded),
      known === undefined
        ? { ...decoded, fields: decodeFieldsV1(entry.fieldsV1) }
        : { ...decoded, fields: storedFieldsV1(known.fieldsV1), entry: known },
    );
  });
  return managers;
}
