import { expect, test } from "vitest";
import type { EndpointSlice } from "../generated/types/discovery-v1.ts";
import type { ObjectMeta } from "../machinery/object.ts";
import { ago, cellsOf, findingsOf } from "../row.testing.ts";
import { endpointSlices } from "./endpoint-slices.ts";

function slice(more: Partial<EndpointSlice>): EndpointSlice {
  return { metadata: { name: "web-x", creationTimestamp: ago(10) }, addressType: "IPv4", endpoints: [], ...more };
}

const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];

test("shows three ports and addresses, and counts the rest", () => {
  const given = slice({
    ports: [{ port: 80 }, { name: "any" }, {}, { port: 443 }],
    endpoints: addresses.map((address) => ({ addresses: [address] })),
  });
  expect(cellsOf(endpointSlices, given)).toMatchObject({
    AddressType: "IPv4",
    Ports: "80,any,* + 1 more...",
    Endpoints: "10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...",
  });
  expect(cellsOf(endpointSlices, slice({}))).toMatchObject({ Ports: "<unset>", Endpoints: "<unset>" });
});

test.each<[string, EndpointSlice, string]>([
  [
    "an address of the other family",
    slice({ endpoints: [{ addresses: ["fd00::1"] }] }),
    'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
  ],
  [
    "an endpoint without an address",
    slice({ endpoints: [{ addresses: [] }] }),
    "endpoints[0].addresses: Required value: must contain at least 1 address",
  ],
  [
    "two ports of one name",
    slice({
      ports: [
        { name: "a", port: 1 },
        { name: "a", port: 2 },
      ],
    }),
    'ports[1].name: Duplicate value: "a"',
  ],
  [
    "too many endpoints",
    slice({ endpoints: Array.from({ length: 1001 }, () => ({ addresses: ["10.0.0.1"] })) }),
    "endpoints: Too many: 1001: must have at most 1000 items",
  ],
])("may not have %s", (_name, given, expected) => {
  expect(findingsOf(endpointSlices, given)).toEqual([expected]);
});

test("lists that were not given are null, and fine", () => {
  const given: EndpointSlice = JSON.parse('{"addressType":"IPv4","endpoints":null,"ports":null}');
  expect(findingsOf(endpointSlices, given)).toEqual([]);
  expect(cellsOf(endpointSlices, given)).toMatchObject({ Ports: "<unset>", Endpoints: "<unset>" });
});

test("keeps its address type", () => {
  expect(findingsOf(endpointSlices, slice({ addressType: "IPv6" }), slice({}))).toEqual([
    'addressType: Invalid value: "IPv6": field is immutable',
  ]);
});

test("labels count for the generation, annotations do not", () => {
  const of = (metadata: ObjectMeta): string => JSON.stringify(endpointSlices.generation?.(slice({ metadata })));
  expect(of({ labels: { a: "1" } })).not.toBe(of({}));
  expect(of({ annotations: { a: "1" } })).toBe(of({}));
});
