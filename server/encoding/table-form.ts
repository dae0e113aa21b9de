import { stringifyJson } from "../../api/machinery/json.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { TableColumn, TableDefinition } from "../../api/resource.ts";
import type { WatchEventType } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { sliced } from "../../base/slice.ts";
import { textChunks } from "./chunks.ts";
import type { FrameCache } from "../watch-cache/presentation.ts";
import type { Record } from "../watch-cache/record.ts";
import { bookmarkObject } from "../watch-cache/watcher.ts";
import { listMetaJson, type Form, type ListHeader } from "./form.ts";
import type { Kind } from "./kind.ts";
import type { VersionView } from "./version-view.ts";

export type IncludeObject = "None" | "Metadata" | "Object";

/** What kinds without columns of their own show. */
const defaultTable: TableDefinition<KubeObject> = {
  columns: [
    {
      name: "Name",
      type: "string",
      format: "name",
      description: "Name of the object, unique among its kind in a namespace.",
    },
    { name: "Created At", type: "date", description: "When the object was created, in UTC." },
  ],
  cells: ({ metadata }) => [metadata?.name ?? "", metadata?.creationTimestamp ?? null],
};

/**
 * Rows and columns for people: what `kubectl get` prints.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export class TableForm implements Form {
  readonly contentType = "application/json";
  readonly #kind: Kind;
  readonly #view: VersionView;
  readonly #table: TableDefinition<KubeObject>;
  readonly #clock: Clock;
  readonly #include: IncludeObject;
  readonly #apiVersion: string;
  /** Only the first event of a watch tells the columns. */
  #columnsTold = false;

  constructor(
    kind: Kind,
    view: VersionView,
    options: { readonly clock: Clock; readonly include: IncludeObject; readonly version: string },
  ) {
    this.#kind = kind;
    this.#view = view;
    this.#table = view.version.served.table ?? kind.row.table ?? defaultTable;
    this.#clock = options.clock;
    this.#include = options.include;
    this.#apiVersion = `meta.k8s.io/${options.version}`;
  }

  prepare(records: readonly Record[]): Promise<void> | undefined {
    return this.#view.prepare(records);
  }

  single(record: Record): Buffer {
    return Buffer.from(
      `${this.#start({ resourceVersion: String(record.revision) }, this.#columns())}${this.#row(record)}]}\n`,
    );
  }

  list(header: ListHeader, records: readonly Record[]): AsyncIterable<Uint8Array> {
    return textChunks(this.#rows(header, records));
  }

  frame(type: WatchEventType, record: Record, shared?: FrameCache): Buffer {
    const columns = this.#columnsOnce();
    const make = (): Buffer =>
      this.#event(type, { resourceVersion: String(record.revision) }, columns, this.#row(record));
    if (shared === undefined) return make();
    return shared.frame(
      `${type} table ${this.#view.version.apiVersion} ${this.#include} ${columns === "null" ? "" : "columns"}`,
      make,
    );
  }

  bookmark(revision: number, initialEventsEnd: boolean): Buffer {
    const { metadata } = bookmarkObject(revision, initialEventsEnd);
    const object = { kind: "PartialObjectMetadata", apiVersion: this.#apiVersion, metadata };
    const row = `{"cells":[${this.#table.columns.map(() => "null").join(",")}],"object":${JSON.stringify(object)}}`;
    return this.#event("BOOKMARK", { resourceVersion: String(revision) }, this.#columnsOnce(), row);
  }

  error(status: Status): Buffer {
    return Buffer.from(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
  }

  object(record: Record): DeepReadonly<KubeObject> {
    return this.#view.object(record);
  }

  async *#rows(header: ListHeader, records: readonly Record[]): AsyncGenerator<string> {
    let separator = this.#start(header, this.#columns());
    for await (const row of sliced(records, (record) => this.#row(record))) {
      yield separator + row;
      separator = ",";
    }
    yield `${separator === "," ? "" : separator}]}\n`;
  }

  #columns(): string {
    return JSON.stringify(this.#table.columns.map(columnDefinition));
  }

  #columnsOnce(): string {
    if (this.#columnsTold) return "null";
    this.#columnsTold = true;
    return this.#columns();
  }

  #event(type: WatchEventType, header: ListHeader, columns: string, row: string): Buffer {
    return Buffer.from(`{"type":"${type}","object":${this.#start(header, columns)}${row}]}}\n`);
  }

  #start(header: ListHeader, columns: string): string {
    return `{"kind":"Table","apiVersion":"${this.#apiVersion}","metadata":${listMetaJson(header)},"columnDefinitions":${columns},"rows":[`;
  }

  #row(record: Record): string {
    // Built-in kinds are printed from the hub, custom ones from the version that was asked for.
    const object = this.#kind.conversion === undefined ? record.object() : this.object(record);
    const cells = this.#table.cells(object, { now: this.#clock.now() });
    return `{"cells":${stringifyJson(cells)},"object":${this.#included(record, object)}}`;
  }

  #included(record: Record, object: DeepReadonly<KubeObject>): string {
    switch (this.#include) {
      case "None":
        return "null";
      case "Metadata":
        return `{"kind":"PartialObjectMetadata","apiVersion":"${this.#apiVersion}","metadata":${stringifyJson(object.metadata as never)}}`;
      case "Object":
        return this.#view.representation(record).bytes.toString();
    }
  }
}

function columnDefinition({ name, type, format = "", priority = 0, description }: TableColumn): object {
  return { name, type, format, description, priority };
}
