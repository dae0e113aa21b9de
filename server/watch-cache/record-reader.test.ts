import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject, KubeObject } from "../../api/machinery/object.ts";
import { registry } from "../../api/registry.ts";
import { structOf } from "../../api/schema/sent.testing.ts";
import { builtinSchemas } from "../../api/schema/tables.ts";
import { realClock } from "../../base/clock.ts";
import { createCodecs } from "../codecs.ts";
import { createKind, decode, settleTypeMeta, type Kind } from "../encoding/kind.ts";
import { encodeStored } from "../encoding/stored.ts";
import { RecordReader, type Digest } from "./record-reader.ts";

const schemas = builtinSchemas();
const codecOf = createCodecs(schemas, realClock);
const kinds = registry
  .filter(({ stored }) => stored)
  .map((row): Kind => createKind(row, ({ definition, version }, { kind }) => codecOf(definition, { kind, version })));

/** As it is stored when a client has sent this. */
function valueOf(kind: Kind, sent: JsonObject): Buffer {
  settleTypeMeta(kind, kind.hub, sent);
  return encodeStored(decode(kind, kind.hub, sent).object);
}

describe("a value that this build has written", () => {
  it.each(kinds.map((kind) => [kind.row.plural, kind] as const))(
    "is the same record of %s, decoded anew or taken as it is",
    (_, kind) => {
      const trusting = new RecordReader(kind, { ownSince: 6 });
      const decoding = new RecordReader(kind);
      const sent = structOf(schemas.get(kind.row.definition), 4);
      fc.assert(
        fc.property(sent, fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), (object, labels) => {
          const value = valueOf(kind, {
            ...object,
            kind: "",
            apiVersion: "",
            metadata: { name: "x", uid: "u", labels },
          });
          const [own, decoded] = [trusting.read("/k", 7, value), decoding.read("/k", 7, value)];
          expect(own.bytes.toString()).toBe(decoded.bytes.toString());
          expect(own.meta).toEqual(decoded.meta);
          expect(own.bodyStart).toBe(decoded.bodyStart);
        }),
        { numRuns: 30 },
      );
    },
  );

  const [kind] = kinds.filter(({ row }) => row.plural === "pods");
  const old = encodeStored({ kind: "Pod", apiVersion: "v1", metadata: { name: "x" } } satisfies KubeObject);
  const isDefaulted = (reader: RecordReader | undefined, revision: number): boolean | undefined =>
    reader?.read("/k", revision, old).bytes.includes('"restartPolicy":"Always"');

  it("is one of a higher revision than the mark's: all others are defaulted", () => {
    const reader = kind && new RecordReader(kind, { ownSince: 6 });
    expect([6, 7].map((revision) => isDefaulted(reader, revision))).toEqual([true, false]);
    expect(isDefaulted(kind && new RecordReader(kind), 7)).toBe(true);
  });

  it("is decoded all the same where it is a custom object: its schema may have changed", () => {
    const custom = kind && { ...kind, conversion: { convert: () => Promise.resolve([]) } };
    expect(isDefaulted(custom && new RecordReader(custom, { ownSince: 6 }), 7)).toBe(true);
  });
});

describe("an object that was just written", () => {
  it.each(kinds.map((kind) => [kind.row.plural, kind] as const))("is what its bytes say: %s", (_, kind) => {
    const reader = new RecordReader(kind);
    fc.assert(
      fc.property(structOf(schemas.get(kind.row.definition), 4), fc.nat({ max: 2 }), (sent, revision) => {
        const value = { ...sent, kind: "", apiVersion: "", metadata: { name: "x", uid: "u", generation: 1 } };
        settleTypeMeta(kind, kind.hub, value);
        const { object } = decode(kind, kind.hub, value);
        // As hooks may leave it.
        Object.assign(object, { status: undefined, metadata: { ...object.metadata, labels: undefined } });
        const record = reader.read("/k", revision, reader.encode(object));
        expect(JSON.stringify(record.object())).toBe(record.bytes.toString());
      }),
      { numRuns: 20 },
    );
  });
});

it("a digest is made once, of what was written and of what is read", () => {
  const [kind] = kinds;
  if (kind === undefined) throw new Error("no kinds");
  for (const ownSince of [undefined, 0]) {
    let made = 0;
    const digest: Digest = { of: ({ metadata }) => [++made, metadata?.name], skim: (value) => value };
    const reader = new RecordReader(kind, { ownSince, digest });
    const value = reader.encode({ kind: kind.row.kind, apiVersion: kind.hub.apiVersion, metadata: { name: "x" } });
    expect(reader.read("/k", 1, value).meta.digest).toEqual([1, "x"]);
    expect(reader.read("/k", 2, Buffer.from(value)).meta.digest).toEqual([2, "x"]);
  }
});
