import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../../machinery/status.ts";
import { decodeProtobuf } from "./decode.ts";
import fixtures from "./upstream-bytes.json" with { type: "json" };

const head = Buffer.from("6b3873000a090a0276311203506f64", "hex");
const crdHead = Buffer.concat([
  Buffer.from("6b3873000a330a17", "hex"),
  Buffer.from("apiextensions.k8s.io/v1"),
  Buffer.from("1218", "hex"),
  Buffer.from("CustomResourceDefinition"),
]);

/** True if it was refused as it should be, false if it was read; anything else fails the test. */
function refused(bytes: Uint8Array): boolean {
  try {
    decodeProtobuf(bytes);
    return false;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ reason: "BadRequest", code: 400 });
    return true;
  }
}

/** A length-delimited field. */
function delimited(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

function nest(levels: number, wrap: (inner: Buffer) => Buffer): Buffer {
  let inner: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) inner = wrap(inner);
  return inner;
}

describe("every truncation is refused, but for those between the envelope's fields", () => {
  test.each(fixtures)("$json", ({ protobuf }) => {
    const bytes = Buffer.from(protobuf, "hex");
    const read = [];
    for (let end = 0; end < bytes.length; end++) if (!refused(bytes.subarray(0, end))) read.push(end);
    const typeMetaEnd = 6 + bytes[5]!;
    expect(read).toEqual([typeMetaEnd, bytes.length - 4, bytes.length - 2]);
  });
});

test("random bytes behind a good start are read or refused, never worse", () => {
  fc.assert(
    fc.property(fc.constantFrom(head, crdHead), fc.uint8Array({ maxLength: 300 }), (start, bytes) => {
      refused(Buffer.concat([start, delimited(2, bytes)]));
      refused(Buffer.concat([start, bytes]));
      refused(bytes);
    }),
    { numRuns: 500 },
  );
});

test("a changed byte anywhere is read or refused, never worse", () => {
  const change = fc.record({ fixture: fc.constantFrom(...fixtures), place: fc.nat(), byte: fc.nat(255) });
  fc.assert(
    fc.property(change, ({ fixture, place, byte }) => {
      const bytes = Buffer.from(fixture.protobuf, "hex");
      bytes[place % bytes.length] = byte;
      refused(bytes);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["JSON", Buffer.from("{}")],
  ["the magic alone", Buffer.from("k8s\0")],
  ["an unknown kind", Buffer.concat([Buffer.from("6b3873000a090a0276311203466f6f1200", "hex")])],
  ["an encoding", Buffer.concat([head, delimited(3, Buffer.from("gzip"))])],
  ["a varint of eleven bytes", Buffer.concat([head, delimited(2, Buffer.alloc(11, 0x80))])],
  ["a length beyond the message", Buffer.concat([head, Buffer.from("12050affffff0f", "hex")])],
  ["a length of 2^63", Buffer.concat([head, Buffer.from("120a0a80808080808080808001", "hex")])],
  ["field number 0", Buffer.concat([head, delimited(2, Buffer.from("0200", "hex"))])],
  ["an end without its group", Buffer.concat([head, delimited(2, Buffer.from("fc07", "hex"))])],
  ["wire type 6", Buffer.concat([head, delimited(2, Buffer.from("fe07", "hex"))])],
  ["a number where a message belongs", Buffer.concat([head, delimited(2, Buffer.from("0801", "hex"))])],
  [
    "a year beyond 9999",
    Buffer.concat([head, delimited(2, delimited(1, delimited(8, Buffer.from("08808080f0ffff07", "hex"))))]),
  ],
  [
    "a quantity that is none",
    Buffer.concat([
      Buffer.from("6b3873000a130a027631120d5265736f7572636551756f7461", "hex"),
      delimited(2, delimited(2, delimited(1, delimited(2, delimited(1, Buffer.from("x")))))),
    ]),
  ],
])("%s is refused", (_, bytes) => {
  expect(refused(bytes)).toBe(true);
});

test("messages nest to a bound", () => {
  const schema = (levels: number): Buffer =>
    Buffer.concat([
      crdHead,
      delimited(
        2,
        delimited(
          2,
          delimited(
            7,
            delimited(
              4,
              delimited(
                1,
                nest(levels, (inner) => delimited(28, inner)),
              ),
            ),
          ),
        ),
      ),
    ]);
  expect(refused(schema(200))).toBe(false);
  expect(refused(schema(300))).toBe(true);
  expect(refused(schema(5000))).toBe(true);
});

test("unknown groups nest without end, and cost nothing", () => {
  const groups = Buffer.concat([Buffer.alloc(100_000, 0x7b), Buffer.alloc(100_000, 0x7c)]);
  expect(refused(Buffer.concat([head, delimited(2, groups)]))).toBe(false);
});

test("envelopes within envelopes nest to a bound", () => {
  const list = Buffer.from("6b3873000a0a0a02763112044c697374", "hex");
  const bytes = nest(2000, (inner) => Buffer.concat([list, delimited(2, delimited(2, delimited(1, inner)))]));
  expect(refused(bytes)).toBe(true);
});

test("two bytes for each of a million objects are refused", () => {
  const items = Buffer.alloc(2_000_000, Buffer.from("1200", "hex"));
  expect(
    refused(Buffer.concat([Buffer.from("6b3873000a0d0a0276311207506f644c697374", "hex"), delimited(2, items)])),
  ).toBe(true);
});
