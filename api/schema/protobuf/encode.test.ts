import { expect, test } from "vitest";
import { ApiError } from "../../machinery/status.ts";
import { decodeProtobuf } from "./decode.ts";
import { encodeBody, encodeList, encodeProtobuf, encodeWatchEvent } from "./encode.ts";
import { hasProtobuf } from "./kinds.ts";

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s+/g, ""), "hex");
}

test("a ConfigMap, byte by byte", () => {
  // magic; typeMeta { "v1", "ConfigMap" }; raw, 29 bytes
  const bytes = hex(`6b387300 0a0f 0a02 7631 1209 436f6e6669674d6170 121d
    0a11 0a01 63 1200 1a00 2200 2a00 3200 3800 4200
    1208 0a01 6b 1203 763123
    1a00 2200`);
  // metadata { name, generateName, namespace, selfLink, uid, resourceVersion, generation 0, no creationTimestamp }, data
  expect(
    Buffer.from(encodeProtobuf({ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "c" }, data: { k: "v1#" } })),
  ).toEqual(bytes);
});

test("what a client writes by hand, in any order and with unknown fields, is read", () => {
  // raw { unknown field 15; data { value before key }; unknown group 9; unknown field 99 } before typeMeta { kind, apiVersion }
  const bytes = hex(`6b387300 1212 7896 01 1206 1201 76 0a01 6b 4b 0801 4c 9a06 00
    0a0f 1209 436f6e6669674d6170 0a02 7631`);
  expect(decodeProtobuf(bytes)).toEqual({ kind: "ConfigMap", apiVersion: "v1", metadata: {}, data: { k: "v" } });
});

test("packed and single numbers make one list", () => {
  // securityContext.supplementalGroups = 4, once single (1), once packed (2, 300)
  const bytes = hex(`6b387300 0a09 0a02 7631 1203 506f64 120b 1209 7207 2001 2203 02ac02`);
  expect(decodeProtobuf(bytes)).toMatchObject({ spec: { securityContext: { supplementalGroups: [1, 2, 300] } } });
});

test("quantities are written in their canonical form, as Go writes them", () => {
  const quota = { kind: "ResourceQuota", apiVersion: "v1", spec: { hard: { cpu: "1000m", memory: 1024 } } };
  expect(decodeProtobuf(encodeProtobuf(quota))).toMatchObject({ spec: { hard: { cpu: "1", memory: "1024" } } });
});

test("an offset or more digits in a time are written in UTC, cut to what the type holds", () => {
  const event = {
    kind: "Event",
    apiVersion: "v1",
    lastTimestamp: "2026-01-02T03:04:05.999+02:00",
    eventTime: "2026-01-02T03:04:05.123456789Z",
  };
  expect(decodeProtobuf(encodeProtobuf(event))).toMatchObject({
    lastTimestamp: "2026-01-02T01:04:05Z",
    eventTime: "2026-01-02T03:04:05.123456Z",
  });
});

test("Go's zero time is null", () => {
  const bytes = encodeProtobuf({ kind: "Event", apiVersion: "v1", lastTimestamp: "0001-01-01T00:00:00Z" });
  expect(bytes).toEqual(encodeProtobuf({ kind: "Event", apiVersion: "v1", lastTimestamp: null }));
  expect(decodeProtobuf(bytes)).toMatchObject({ lastTimestamp: null });
});

test("a list made of its items' bytes equals the list encoded at once", () => {
  const pod = (name: string): object => ({ kind: "Pod", apiVersion: "v1", metadata: { name } });
  const typeMeta = { kind: "PodList", apiVersion: "v1" };
  const metadata = { resourceVersion: "7" };
  const items = ["a", "b", "c"].map(pod);
  const pieces = [...encodeList(typeMeta, metadata, items.map(encodeBody))];
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(encodeProtobuf({ ...typeMeta, metadata, items })));
  expect(Buffer.concat([...encodeList(typeMeta, metadata, [])])).toEqual(
    Buffer.from(encodeProtobuf({ ...typeMeta, metadata, items: [] })),
  );
});

test("a watch event is a framed WatchEvent around an enveloped object", () => {
  const envelope = encodeProtobuf({ kind: "Status", apiVersion: "v1", code: 410 });
  const frame = Buffer.from(encodeWatchEvent("ERROR", envelope));
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  const inner = envelope.length;
  expect(frame.subarray(4, 15)).toEqual(
    Buffer.concat([hex("0a05"), Buffer.from("ERROR"), hex("12"), Buffer.of(inner + 2), hex("0a"), Buffer.of(inner)]),
  );
  expect(frame.subarray(15)).toEqual(Buffer.from(envelope));
});

test("raw bytes may be an enveloped object, and an envelope may hold JSON", () => {
  const inner = encodeProtobuf({ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "c" } });
  // WatchEvent { object = 2 { raw = 1 } }
  const event = Buffer.concat([
    hex("6b387300 0a10 0a02 7631 120a"),
    Buffer.from("WatchEvent"),
    hex("12"),
    Buffer.of(inner.length + 4, 0x12, inner.length + 2, 0x0a, inner.length),
    inner,
  ]);
  expect(decodeProtobuf(event)).toEqual({
    kind: "WatchEvent",
    apiVersion: "v1",
    type: "",
    object: { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "c" } },
  });
  const text = Buffer.from('{"kind":"Foo","apiVersion":"x/v1","n":9007199254740993}');
  const json = Buffer.concat([
    hex("6b387300 12"),
    Buffer.of(text.length),
    text,
    hex("2210"),
    Buffer.from("application/json"),
  ]);
  expect(decodeProtobuf(json)).toEqual({ kind: "Foo", apiVersion: "x/v1", n: 9007199254740993n });
});

test("an envelope without a kind holds the one that is expected", () => {
  const bare = hex("6b387300 1202 0805");
  expect(decodeProtobuf(bare, { kind: "DeleteOptions", apiVersion: "v1" })).toEqual({
    kind: "DeleteOptions",
    apiVersion: "v1",
    gracePeriodSeconds: 5,
  });
  expect(() => decodeProtobuf(bare)).toThrow("Object 'Kind' is missing");
});

test("options have one form in every group-version, custom ones too; other kinds of a custom group have none", () => {
  expect(hasProtobuf("example.com", "v1", "DeleteOptions")).toBe(true);
  expect(hasProtobuf("example.com", "v1", "Pod")).toBe(false);
  expect(hasProtobuf("", "v1", "Status")).toBe(true);
  expect(hasProtobuf("apps", "v1", "Status")).toBe(false);
  expect(hasProtobuf("meta.k8s.io", "v1", "PartialObjectMetadataList")).toBe(true);
  expect(hasProtobuf("meta.k8s.io", "v1beta1", "PartialObjectMetadataList")).toBe(true);
  expect(hasProtobuf("meta.k8s.io", "v1", "Table")).toBe(false);
  expect(hasProtobuf("", "v1", "constructor")).toBe(false);
  expect(hasProtobuf("", "constructor", "Pod")).toBe(false);
});

test.each([
  [{ kind: "Pod", apiVersion: "v1", metadata: { name: 5 } }, 'a value of type number as protobuf in field "name"'],
  [{ kind: "Pod", apiVersion: "v1", spec: { containers: {} } }, 'in field "containers"'],
  [{ kind: "Pod", apiVersion: "v1", spec: [] }, 'a list as protobuf in field "spec"'],
  [{ kind: "Pod", apiVersion: "v1", metadata: { generation: 1.5 } }, 'in field "generation"'],
  [{ kind: "Pod", apiVersion: "v1", metadata: { creationTimestamp: "soon" } }, "no RFC 3339 time"],
  [{ kind: "Foo", apiVersion: "x/v1" }, "has no protobuf form"],
])("%j is refused by name", (object, message) => {
  expect(() => encodeProtobuf(object)).toThrow(message);
  expect(() => encodeProtobuf(object)).toThrow(ApiError);
});
