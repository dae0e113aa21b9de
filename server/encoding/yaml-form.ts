import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Record } from "../watch-cache/record.ts";
import type { Form, ListHeader } from "./form.ts";
import { encodeObject } from "./object.ts";
import { parseStored } from "./stored.ts";
import { contentTypes } from "./negotiate.ts";
import { JsonForm } from "./json-form.ts";

/** YAML of single objects and lists; a watch has no YAML form and is negotiated as JSON. */
export class YamlForm implements Form {
  readonly contentType: string = contentTypes.yaml;
  readonly #json: JsonForm;
  #yamlText: (object: object) => string = () => {
    throw new Error("no record was prepared");
  };

  constructor(json: JsonForm) {
    this.#json = json;
  }

  /** YAML is rare: the library is loaded when it is first asked for. */
  async prepare(records: readonly Record[]): Promise<void> {
    await this.#json.prepare(records);
    ({ yamlText: this.#yamlText } = await import("./yaml-text.ts"));
  }

  single(record: Record): Buffer {
    return Buffer.from(this.#yamlText(this.#json.object(record)));
  }

  async *list(header: ListHeader, records: readonly Record[]): AsyncGenerator<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#json.list(header, records)) pieces.push(piece);
    yield await encodeObject(parseStored(Buffer.concat(pieces)), { mediaType: "yaml", pretty: false });
  }

  frame: Form["frame"] = (type, record, shared) => this.#json.frame(type, record, shared);
  bookmark: Form["bookmark"] = (revision, end) => this.#json.bookmark(revision, end);
  error: Form["error"] = (status) => this.#json.error(status);

  object(record: Record): DeepReadonly<KubeObject> {
    return this.#json.object(record);
  }
}
