import { crc32 } from "node:zlib";
import type { Mark } from "../../mvcc/engine.ts";
import type { StoredVersion } from "../../mvcc/version.ts";
import { StoreCorruptError } from "../../open-errors.ts";
import type { Revision } from "../../store.ts";

/*
 * What lies in LevelDB. Every value begins with the CRC-32 of its key and the rest, since classic-level cannot make
 * LevelDB check its own sums on reads.
 *
 *   f                 the format of all below, as text, without a sum
 *   m                 the mark of the newest commit, as JSON
 *   l <revision:u64>  a version: create, version, expiresAt, size as doubles, then the key in UTF-8
 *   v <revision:u64>  the value written at that revision
 */
export const formatKey: Buffer = Buffer.from("f");
export const markKey: Buffer = Buffer.from("m");
export const versionsEnd: Buffer = Buffer.from("m");
const versionTag = "l".charCodeAt(0);
const valueTag = "v".charCodeAt(0);
const sumBytes = 4;
const headBytes = 4 * 8;

export function versionKey(revision: Revision): Buffer {
  return revisionKey(versionTag, revision);
}

export function valueKey(revision: Revision): Buffer {
  return revisionKey(valueTag, revision);
}

/** Big-endian, so that LevelDB's order is that of revisions. */
function revisionKey(tag: number, revision: Revision): Buffer {
  const key = Buffer.allocUnsafe(9);
  key[0] = tag;
  key.writeUInt32BE(Math.floor(revision / 2 ** 32), 1);
  key.writeUInt32BE(revision % 2 ** 32, 5);
  return key;
}

export function revisionOf(key: Buffer): Revision {
  if (key.length !== 9) throw new StoreCorruptError(`record ${key.toString("hex")} has no revision`);
  return key.readUInt32BE(1) * 2 ** 32 + key.readUInt32BE(5);
}

export function seal(key: Buffer, payload: Buffer): Buffer {
  const sealed = Buffer.allocUnsafe(sumBytes + payload.length);
  sealed.writeUInt32BE(crc32(payload, crc32(key)), 0);
  payload.copy(sealed, sumBytes);
  return sealed;
}

export function unseal(key: Buffer, sealed: Buffer): Buffer {
  const payload = sealed.subarray(sumBytes);
  if (sealed.length < sumBytes || sealed.readUInt32BE(0) !== crc32(payload, crc32(key))) {
    throw new StoreCorruptError(`the checksum of record ${key.toString("hex")} is wrong`);
  }
  return payload;
}

export function encodeVersion(version: StoredVersion): Buffer {
  const payload = Buffer.allocUnsafe(headBytes + Buffer.byteLength(version.key));
  payload.writeDoubleBE(version.create, 0);
  payload.writeDoubleBE(version.version, 8);
  payload.writeDoubleBE(version.expiresAt, 16);
  payload.writeDoubleBE(version.size, 24);
  payload.write(version.key, headBytes);
  return seal(versionKey(version.mod), payload);
}

export function decodeVersion(key: Buffer, sealed: Buffer): StoredVersion {
  const payload = unseal(key, sealed);
  if (payload.length < headBytes) throw new StoreCorruptError(`record ${key.toString("hex")} is cut short`);
  return {
    key: payload.toString("utf8", headBytes),
    mod: revisionOf(key),
    create: payload.readDoubleBE(0),
    version: payload.readDoubleBE(8),
    expiresAt: payload.readDoubleBE(16),
    size: payload.readDoubleBE(24),
  };
}

export function encodeMark(mark: Mark): Buffer {
  return seal(markKey, Buffer.from(JSON.stringify([mark.revision, mark.swept, mark.retained])));
}

export function decodeMark(sealed: Buffer): Mark {
  const fields: unknown = JSON.parse(unseal(markKey, sealed).toString());
  if (!Array.isArray(fields) || !fields.every((field) => Number.isSafeInteger(field)))
    throw new StoreCorruptError("its mark cannot be read");
  const [revision, swept, retained] = fields;
  return { revision, swept, retained };
}
