import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { WatchEventType } from "../../api/wire.ts";
import { sliced } from "../../base/slice.ts";
import type { FrameCache } from "../watch-cache/presentation.ts";
import type { Record } from "../watch-cache/record.ts";
import { bookmarkObject } from "../watch-cache/watcher.ts";
import { chunks, textChunks } from "./chunks.ts";
import { listMetaJson, type Form, type ListHeader } from "./form.ts";
import type { Kind, KindVersion } from "./kind.ts";
import { indentedJson } from "./object.ts";
import type { VersionView } from "./version-view.ts";

const brace = Buffer.from("{");
const commaBrace = Buffer.from(",{");
const frameEnd = Buffer.from("}\n");
const frameStarts = Object.fromEntries(
  ["ADDED", "MODIFIED", "DELETED"].map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]),
);

/** The common case: whole objects as JSON, out of the bytes that every reader shares. */
export class JsonForm implements Form {
  readonly contentType = "application/json";
  readonly #kind: Kind;
  readonly #version: KindVersion;
  readonly #view: VersionView;
  readonly #pretty: boolean;

  constructor(kind: Kind, view: VersionView, options: { readonly pretty: boolean }) {
    this.#kind = kind;
    this.#version = view.version;
    this.#view = view;
    this.#pretty = options.pretty;
  }

  prepare(records: readonly Record[]): Promise<void> | undefined {
    return this.#view.prepare(records);
  }

  single(record: Record): Buffer {
    if (this.#pretty) return Buffer.from(`${indentedJson(this.object(record))}\n`);
    return this.#view.representation(record).bytes;
  }

  list(header: ListHeader, records: readonly Record[]): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    const { listKind } = this.#kind.row;
    const start = `{"kind":"${listKind}","apiVersion":"${this.#version.apiVersion}","metadata":${listMetaJson(header)},"items":[`;
    return this.#pretty ? textChunks(this.#indented(`${start}]}`, records)) : chunks(this.#pieces(start, records));
  }

  /** For eyes: a list without items, and the items put into it as deep as they stand there. */
  async *#indented(empty: string, records: readonly Record[]): AsyncGenerator<string> {
    yield indentedJson(JSON.parse(empty)).slice(0, -"]\n}".length);
    let separator = "";
    const texts = sliced(records, (record) => {
      const { kind: _kind, apiVersion: _apiVersion, ...item } = this.object(record);
      return indentedJson(item).replaceAll("\n", "\n    ");
    });
    for await (const text of texts) {
      yield `${separator}\n    ${text}`;
      separator = ",";
    }
    yield `${separator === "" ? "" : "\n  "}]\n}\n`;
  }

  frame(type: WatchEventType, record: Record, shared?: FrameCache): Buffer {
    const make = (): Buffer =>
      Buffer.concat([frameStarts[type] ?? brace, this.#view.representation(record).bytes, frameEnd]);
    return shared === undefined ? make() : shared.frame(`${type} ${this.#version.apiVersion}`, make);
  }

  bookmark(revision: number, initialEventsEnd: boolean): Buffer {
    const { metadata } = bookmarkObject(revision, initialEventsEnd);
    const object = { kind: this.#kind.row.kind, apiVersion: this.#version.apiVersion, metadata };
    return Buffer.from(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
  }

  error(status: Status): Buffer {
    return Buffer.from(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
  }

  object(record: Record): DeepReadonly<KubeObject> {
    return this.#view.object(record);
  }

  /** Items of typed lists leave their type meta out. */
  *#pieces(start: string, records: readonly Record[]): Generator<Uint8Array> {
    yield Buffer.from(start);
    let before = brace;
    for (const record of records) {
      const { bytes, bodyStart } = this.#view.representation(record);
      yield before;
      yield bytes.subarray(bodyStart);
      before = commaBrace;
    }
    yield Buffer.from("]}\n");
  }
}
