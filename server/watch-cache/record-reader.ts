import type { DeepReadonly, Json, KubeObject } from "../../api/machinery/object.ts";
import { qualified } from "../../api/machinery/status.ts";
import { decode, settleTypeMeta, type Kind, type KindVersion } from "../encoding/kind.ts";
import { asStored, encodeStored, parseStored } from "../encoding/stored.ts";
import { parseJson } from "../../api/machinery/json.ts";
import type { Revision } from "../../storage/store.ts";
import { bodyStartOf, Record, type RecordMeta } from "./record.ts";

/** What one kind's follower keeps of each object beside its bytes. */
export interface Digest {
  /** Called once for each revision. What it answers must not hold on to much of the object. */
  readonly of: (object: DeepReadonly<KubeObject>) => unknown;
  /** Leaves out of bytes that this build has written what neither selectors nor `of` look at. */
  readonly skim: (value: Buffer) => Buffer;
}

export interface RecordReaderOptions {
  /** Values of higher revisions were written by this very build (`markOwnValues`). */
  readonly ownSince?: Revision | undefined;
  readonly digest?: Digest | undefined;
}

/** What a value that was just written is known to say. */
interface Written {
  readonly meta: RecordMeta;
  object: KubeObject | undefined;
}

/**
 * Stored values → records, once per revision. What this process wrote is remembered under the very Buffer that it
 * handed to the store. What this build wrote before it was started again is taken as it is. All else is decoded,
 * converted and defaulted, since an older Wherry may have written it; so is every custom object, whose schema may have
 * changed.
 */
export class RecordReader {
  readonly #kind: Kind;
  readonly #ownSince: Revision;
  readonly #digest: Digest | undefined;
  readonly #selectable: readonly SelectableField[];
  readonly #written = new WeakMap<Buffer, Written>();

  constructor(kind: Kind, { ownSince, digest }: RecordReaderOptions = {}) {
    this.#kind = kind;
    this.#ownSince = ownSince === undefined || kind.conversion !== undefined ? Number.POSITIVE_INFINITY : ownSince;
    this.#digest = digest;
    this.#selectable = selectableFieldsOf(kind);
  }

  /** `pods`, `deployments.apps` */
  get resource(): string {
    return qualified(this.#kind.row.groupResource);
  }

  /** Bytes to store for an object that has passed the write path, and that nobody changes from now on. */
  encode(object: KubeObject): Buffer {
    const bytes = encodeStored(object);
    // Nothing is stored that could not be read again.
    bodyStartOf(bytes);
    this.#written.set(bytes, { meta: this.#metaOf(object), object });
    return bytes;
  }

  read(key: string, revision: number, value: Buffer): Record {
    const known = this.#written.get(value);
    if (known !== undefined) return this.#recordOf(known, key, revision, value);
    if (revision > this.#ownSince) return new Record(key, revision, this.#metaOfOwn(value), value);
    const parsed = parseJson(value, { duplicates: false }).value;
    const version = this.#versionOf(parsed);
    settleTypeMeta(this.#kind, version, parsed);
    const { object } = decode(this.#kind, version, parsed);
    return new Record(key, revision, this.#metaOf(object), encodeStored(object));
  }

  /** The object is handed over: the first reader has it, and the store's history of bytes does not hold on to it. */
  #recordOf(written: Written, key: string, revision: number, value: Buffer): Record {
    const { meta, object } = written;
    written.object = undefined;
    return new Record(key, revision, meta, value, object && asStored(object, revision));
  }

  /** The version that a stored value says it has; the hub's for one that says none. */
  #versionOf(value: Json): KindVersion {
    const apiVersion =
      typeof value === "object" && value !== null && !Array.isArray(value) ? value["apiVersion"] : undefined;
    return (typeof apiVersion === "string" ? this.#kind.versions.get(apiVersion) : undefined) ?? this.#kind.hub;
  }

  #metaOfOwn(value: Buffer): RecordMeta {
    return this.#metaOf(parseStored(this.#digest === undefined ? value : this.#digest.skim(value)));
  }

  #metaOf(object: DeepReadonly<KubeObject>): RecordMeta {
    const { namespace = "", name = "", labels } = object.metadata ?? {};
    return { namespace, name, labels, fields: this.#fieldsOf(object), digest: this.#digest?.of(object) };
  }

  #fieldsOf(object: DeepReadonly<KubeObject>): RecordMeta["fields"] {
    if (this.#selectable.length === 0) return undefined;
    const fields: { [label: string]: string } = {};
    for (const [label, read] of this.#selectable) fields[label] ??= read(object);
    return fields;
  }
}

type SelectableField = readonly [label: string, read: (object: DeepReadonly<KubeObject>) => string];

/** Those of the kind itself first: a version's own label of the same name does not count. */
function selectableFieldsOf({ row }: Kind): readonly SelectableField[] {
  const all = [row.selectableFields ?? {}, ...Object.values(row.selectableFieldsOf ?? {})];
  return all.flatMap((fields) => Object.entries(fields));
}
