import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { WatchEventType } from "../../api/wire.ts";
import { encodeBody, encodeList, encodeProtobuf, encodeWatchEvent } from "../../api/schema/protobuf/encode.ts";
import { sliced } from "../../base/slice.ts";
import type { FrameCache } from "../watch-cache/presentation.ts";
import type { Record, Representation } from "../watch-cache/record.ts";
import { bookmarkObject } from "../watch-cache/watcher.ts";
import { chunks } from "./chunks.ts";
import type { Form, ListHeader } from "./form.ts";
import type { Kind, KindVersion } from "./kind.ts";
import type { VersionView } from "./version-view.ts";

/** Whole objects as protobuf: made from the parsed object, kept per revision. */
export class ProtobufForm implements Form {
  readonly contentType = "application/vnd.kubernetes.protobuf";
  readonly #kind: Kind;
  readonly #version: KindVersion;
  readonly #view: VersionView;

  constructor(kind: Kind, view: VersionView) {
    this.#kind = kind;
    this.#version = view.version;
    this.#view = view;
  }

  prepare(records: readonly Record[]): Promise<void> | undefined {
    return this.#view.prepare(records);
  }

  single(record: Record): Buffer {
    return record.as(`protobuf ${this.#version.apiVersion}`, () => ({
      bytes: Buffer.from(encodeProtobuf(this.object(record))),
      bodyStart: 0,
    })).bytes;
  }

  async *list(header: ListHeader, records: readonly Record[]): AsyncGenerator<Uint8Array> {
    const { listKind } = this.#kind.row;
    const bodies: Uint8Array[] = [];
    for await (const body of sliced(records, (record) => this.#body(record))) bodies.push(body);
    yield* chunks(encodeList({ kind: listKind, apiVersion: this.#version.apiVersion }, { ...header }, bodies));
  }

  frame(type: WatchEventType, record: Record, shared?: FrameCache): Buffer {
    const make = (): Buffer => Buffer.from(encodeWatchEvent(type, this.single(record)));
    return shared === undefined ? make() : shared.frame(`${type} protobuf ${this.#version.apiVersion}`, make);
  }

  bookmark(revision: number, initialEventsEnd: boolean): Buffer {
    const object = {
      kind: this.#kind.row.kind,
      apiVersion: this.#version.apiVersion,
      ...bookmarkObject(revision, initialEventsEnd),
    };
    return Buffer.from(encodeWatchEvent("BOOKMARK", encodeProtobuf(object)));
  }

  error(status: Status): Buffer {
    return Buffer.from(encodeWatchEvent("ERROR", encodeProtobuf(status)));
  }

  object(record: Record): DeepReadonly<KubeObject> {
    return this.#view.object(record);
  }

  /** What stands in a list: the object without its envelope. */
  #body(record: Record): Buffer {
    const make = (): Representation => ({ bytes: Buffer.from(encodeBody(this.object(record))), bodyStart: 0 });
    return record.as(`protobuf body ${this.#version.apiVersion}`, make).bytes;
  }
}
