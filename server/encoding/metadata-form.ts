import { encodeJson, stringifyJson } from "../../api/machinery/json.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { WatchEventType } from "../../api/wire.ts";
import { encodeBody, encodeList, encodeProtobuf, encodeWatchEvent } from "../../api/schema/protobuf/encode.ts";
import { sliced } from "../../base/slice.ts";
import type { FrameCache } from "../watch-cache/presentation.ts";
import type { Record } from "../watch-cache/record.ts";
import { bookmarkObject } from "../watch-cache/watcher.ts";
import { chunks, textChunks } from "./chunks.ts";
import { listMetaJson, type Form, type ListHeader } from "./form.ts";
import { contentTypes, type Accepted } from "./negotiate.ts";
import type { VersionView } from "./version-view.ts";

/** Metadata without the rest, for informers that need no more (PartialObjectMetadata, metadata.k8s.io informers). */
export class MetadataForm implements Form {
  readonly contentType: string;
  readonly #apiVersion: string;
  readonly #protobuf: boolean;
  readonly #view: VersionView;

  constructor(view: VersionView, accepted: Accepted) {
    this.#view = view;
    this.contentType = contentTypes[accepted.mediaType];
    this.#apiVersion = `meta.k8s.io/${accepted.as?.version ?? "v1"}`;
    this.#protobuf = accepted.mediaType === "protobuf";
  }

  prepare(records: readonly Record[]): Promise<void> | undefined {
    return this.#view.prepare(records);
  }

  single(record: Record): Buffer {
    return this.#encode(this.object(record));
  }

  async *list(header: ListHeader, records: readonly Record[]): AsyncGenerator<Uint8Array> {
    if (this.#protobuf) {
      const bodies: Uint8Array[] = [];
      for await (const body of sliced(records, (record) => encodeBody(this.object(record)))) bodies.push(body);
      yield* chunks(
        encodeList({ kind: "PartialObjectMetadataList", apiVersion: this.#apiVersion }, { ...header }, bodies),
      );
      return;
    }
    yield* textChunks(this.#items(header, records));
  }

  async *#items(header: ListHeader, records: readonly Record[]): AsyncGenerator<string> {
    yield `{"kind":"PartialObjectMetadataList","apiVersion":"${this.#apiVersion}","metadata":${listMetaJson(header)},"items":[`;
    let separator = "";
    for await (const item of sliced(records, (record) => stringifyJson(this.object(record)))) {
      yield separator + item;
      separator = ",";
    }
    yield "]}\n";
  }

  frame(type: WatchEventType, record: Record, shared?: FrameCache): Buffer {
    const make = (): Buffer => this.#frame(type, this.object(record));
    return shared === undefined ? make() : shared.frame(`${type} ${this.#apiVersion} ${this.contentType}`, make);
  }

  bookmark(revision: number, initialEventsEnd: boolean): Buffer {
    return this.#frame("BOOKMARK", {
      kind: "PartialObjectMetadata",
      apiVersion: this.#apiVersion,
      ...bookmarkObject(revision, initialEventsEnd),
    });
  }

  error(status: Status): Buffer {
    return this.#frame("ERROR", status as never);
  }

  object(record: Record): DeepReadonly<KubeObject> {
    const { metadata } = this.#view.object(record);
    return {
      kind: "PartialObjectMetadata",
      apiVersion: this.#apiVersion,
      ...(metadata === undefined ? {} : { metadata }),
    };
  }

  #frame(type: WatchEventType, object: DeepReadonly<KubeObject>): Buffer {
    if (this.#protobuf) return Buffer.from(encodeWatchEvent(type, encodeProtobuf(object)));
    return Buffer.from(`${stringifyJson({ type, object })}\n`);
  }

  #encode(object: DeepReadonly<KubeObject>): Buffer {
    return this.#protobuf ? Buffer.from(encodeProtobuf(object)) : encodeJson(object);
  }
}
