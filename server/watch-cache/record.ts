import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { StoredObject } from "../../api/wire.ts";
import { parseStored } from "../encoding/stored.ts";

/** What selectors look at, taken once per revision. */
export interface RecordMeta {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<globalThis.Record<string, string>> | undefined;
  /** Selectable fields of the kind, besides name and namespace; keyed by group/version where they differ. */
  readonly fields: Readonly<globalThis.Record<string, string>> | undefined;
  /** What the kind's follower wants to know of each object without parsing it (`Cache.digest`). */
  readonly digest?: unknown;
}

/** Bytes of one object in some encoding, and where a typed list's item starts in them. */
export interface Representation {
  readonly bytes: Buffer;
  readonly bodyStart: number;
}

const typeMetaEnd = Buffer.from(',"metadata":{');
/** Go prints these before the resourceVersion. */
const beforeRevision = ["name", "generateName", "namespace", "uid"].map((field) => Buffer.from(`"${field}":"`));
const revisionStart = Buffer.from('"resourceVersion":"');
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const closingBrace = 0x7d;

/**
 * One object at one revision, as the wire JSON of its hub version. Get, list and every watcher send slices of the same
 * Buffer (DESIGN, decision 4):
 *
 *     {"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","uid":"…","resourceVersion":"7", …}, … }
 *                                    ^ bodyStart: a typed list's item is "{" and what follows
 */
export class Record implements StoredObject, Representation {
  readonly key: string;
  readonly revision: number;
  readonly meta: RecordMeta;
  /** About as many bytes as this pins in memory. */
  readonly size: number;
  /** The bytes as they are stored, until somebody asks for those with the revision in them. */
  #source: Buffer | Representation;
  #parsed: WeakRef<DeepReadonly<KubeObject>> | undefined;
  #others: Map<string, Representation> | undefined;

  /** `source`: stored bytes, or those of the revision. `object`, where it is known, is what parsing the latter would give. */
  constructor(
    key: string,
    revision: number,
    meta: RecordMeta,
    source: Buffer | Representation,
    object?: DeepReadonly<KubeObject>,
  ) {
    this.key = key;
    this.revision = revision;
    this.meta = meta;
    this.#source = source;
    this.size = (Buffer.isBuffer(source) ? source : source.bytes).length;
    this.#parsed = object && new WeakRef(object);
  }

  get bytes(): Buffer {
    return this.#representation.bytes;
  }

  get bodyStart(): number {
    return this.#representation.bodyStart;
  }

  get #representation(): Representation {
    if (Buffer.isBuffer(this.#source)) this.#source = withRevision(this.#source, this.revision);
    return this.#source;
  }

  object(): DeepReadonly<KubeObject> {
    const known = this.#parsed?.deref();
    if (known !== undefined) return known;
    const parsed = parseStored(this.bytes);
    this.#parsed = new WeakRef(parsed);
    return parsed;
  }

  /** The same object as another version or media type has it, made once per revision. */
  as(representation: string, make: () => Representation): Representation {
    let made = this.#others?.get(representation);
    if (made === undefined) {
      made = make();
      (this.#others ??= new Map()).set(representation, made);
    }
    return made;
  }

  has(representation: string): boolean {
    return this.#others?.has(representation) === true;
  }

  /** Whether the same was stored. */
  says(stored: Buffer): boolean {
    const source = this.#source;
    if (Buffer.isBuffer(source)) return source.equals(stored);
    return withRevision(stored, this.revision).bytes.equals(source.bytes);
  }

  /** The same content under another revision: a deletion is told with the object's last state and its own revision. */
  at(revision: number): Record {
    return new Record(this.key, revision, this.meta, this.#sourceAt(revision));
  }

  #sourceAt(revision: number): Buffer | Representation {
    if (Buffer.isBuffer(this.#source)) return this.#source;
    const { bytes, bodyStart } = this.#source;
    const start = bytes.indexOf(revisionStart, bodyStart) + revisionStart.length;
    const end = bytes.indexOf(quote, start);
    const digits = Buffer.from(String(revision), "latin1");
    return { bytes: Buffer.concat([bytes.subarray(0, start), digits, bytes.subarray(end)]), bodyStart };
  }
}

/** Offset of `"metadata"` in wire JSON that starts with kind and apiVersion. */
export function bodyStartOf(bytes: Buffer): number {
  const end = bytes.indexOf(typeMetaEnd);
  if (end < 0) throw new Error("an object's JSON must start with kind, apiVersion and metadata");
  return end + 1;
}

/** Stored bytes hold no resourceVersion: it is put in where Go prints it. Revision 0, of what was never written, is not shown. */
export function withRevision(stored: Buffer, revision: number): Representation {
  const bodyStart = bodyStartOf(stored);
  if (revision === 0) return { bytes: stored, bodyStart };
  const metadata = bodyStart + typeMetaEnd.length - 1;
  const at = revisionPlace(stored, metadata);
  const before = at === metadata ? "" : ",";
  const after = at === metadata && stored[at] !== closingBrace ? "," : "";
  const inserted = `${before}"resourceVersion":"${revision}"${after}`;
  const bytes = Buffer.allocUnsafeSlow(stored.length + inserted.length);
  stored.copy(bytes, 0, 0, at);
  bytes.write(inserted, at, "latin1");
  stored.copy(bytes, at + inserted.length, at);
  return { bytes, bodyStart };
}

/** `metadata` is behind the opening brace. */
function revisionPlace(stored: Buffer, metadata: number): number {
  let place = metadata;
  for (const start of beforeRevision) {
    const member = stored[place] === comma ? place + 1 : place;
    if (stored.compare(start, 0, start.length, member, Math.min(member + start.length, stored.length)) === 0)
      place = endOfString(stored, member + start.length);
  }
  return place;
}

/** From behind the opening quote to behind the closing one. */
function endOfString(bytes: Buffer, start: number): number {
  let index = start;
  while (bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1;
  return index + 1;
}
