import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { encodeJson } from "../../api/machinery/json.ts";
import { bodyStartOf, withRevision, type Record, type Representation } from "../watch-cache/record.ts";
import type { Conversion } from "./conversion.ts";
import { fromHub, type Kind, type KindVersion } from "./kind.ts";
import { encodeStored, parseStored } from "./stored.ts";

/** A webhook is sent this many objects at a time. */
const batchSize = 500;

/** A kind's records as one of its versions shows them, made once per revision and version. */
export interface VersionView {
  readonly version: KindVersion;
  /** Gets what only a conversion webhook can tell; undefined when there is nothing to wait for. Throws what it throws. */
  prepare(records: readonly Record[]): Promise<void> | undefined;
  /** Only for what is prepared. */
  object(record: Record): DeepReadonly<KubeObject>;
  representation(record: Record): Representation;
}

export function createVersionView(kind: Kind, version: KindVersion): VersionView {
  if (kind.conversion !== undefined) return convertedView(kind, version, kind.conversion);
  if (version.served.fromHub !== undefined) return builtinView(version);
  return {
    version,
    prepare: () => undefined,
    object: (record) => record.object(),
    representation: (record) => record,
  };
}

function builtinView(version: KindVersion): VersionView {
  const object = (record: Record): DeepReadonly<KubeObject> => fromHub(version, record.object());
  return {
    version,
    prepare: () => undefined,
    object,
    representation: (record) =>
      record.as(version.apiVersion, () => {
        const bytes = encodeJson(object(record) as never);
        return { bytes, bodyStart: bodyStartOf(bytes) };
      }),
  };
}

/** Objects are stored in whatever version was the storage version when they were written. */
function convertedView({ row }: Kind, version: KindVersion, conversion: Conversion): VersionView {
  const start = Buffer.from(`{"kind":${JSON.stringify(row.kind)},"apiVersion":${JSON.stringify(version.apiVersion)},`);
  const isOwn = ({ bytes }: Record): boolean => start.equals(bytes.subarray(0, start.length));
  const keep = (records: readonly Record[], objects: readonly KubeObject[]): void => {
    for (const [index, record] of records.entries()) {
      const object = objects[index];
      if (object !== undefined)
        record.as(version.apiVersion, () => withRevision(encodeStored(object), record.revision));
    }
  };
  return {
    version,
    prepare(records) {
      const missing = records.filter((record) => !isOwn(record) && !record.has(version.apiVersion));
      if (missing.length === 0) return undefined;
      return convertInBatches(missing, (batch) => {
        const converted = conversion.convert(
          batch.map((record) => record.object()),
          version,
        );
        if (!(converted instanceof Promise)) return keep(batch, converted);
        return converted.then((objects) => keep(batch, objects));
      });
    },
    object: (record) => (isOwn(record) ? record.object() : parseStored(known(record, version).bytes)),
    representation: (record) => (isOwn(record) ? record : known(record, version)),
  };
}

/** At once as long as no batch has to be waited for. */
function convertInBatches(
  records: readonly Record[],
  convert: (batch: readonly Record[]) => Promise<void> | undefined | void,
): Promise<void> | undefined {
  for (let first = 0; first < records.length; first += batchSize) {
    const waiting = convert(records.slice(first, first + batchSize));
    if (waiting instanceof Promise)
      return waiting.then(() => convertInBatches(records.slice(first + batchSize), convert));
  }
  return undefined;
}

function known(record: Record, { apiVersion }: KindVersion): Representation {
  return record.as(apiVersion, () => {
    throw new Error(`${record.key} was not prepared to be shown as ${apiVersion}`);
  });
}
