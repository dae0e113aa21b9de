import { expect, it } from "vitest";
import type { Endpoint } from "../generated/types/discovery-v1.ts";
import type { KubeObject } from "../machinery/object.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { endpointSlices } from "./endpoint-slices.ts";

function slice(endpoint: Partial<Endpoint>, addressType = "IPv4"): KubeObject {
  return { metadata: { name: "s" }, addressType, endpoints: [{ addresses: ["10.0.0.1"], ...endpoint }] } as KubeObject;
}

it.each<[string, Partial<Endpoint>, string[]]>([
  ["elsewhere", { hints: { forZones: [{ name: "a" }], forNodes: [{ name: "n" }] } }, []],
  [
    "on every machine",
    { addresses: ["127.0.0.1"] },
    ['endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    "that is none",
    { addresses: [""] },
    ['endpoints[0].addresses[0]: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    "nowhere",
    { addresses: ["0.0.0.0"] },
    ['endpoints[0].addresses[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)'],
  ],
  [
    "on the link",
    { addresses: ["169.254.1.1", "224.0.0.1"] },
    [
      'endpoints[0].addresses[0]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'endpoints[0].addresses[1]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ],
  [
    "for a zone twice",
    { hints: { forZones: [{ name: "a" }, { name: "a" }] } },
    ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  ],
  [
    "for too many zones",
    { hints: { forZones: Array.from({ length: 9 }, (_, n) => ({ name: `z${n}` })) } },
    ["endpoints[0].hints.forZones: Too many: 9: must have at most 8 items"],
  ],
])("an endpoint %s", (_what, endpoint, expected) => {
  expect(findingsOf(endpointSlices, slice(endpoint))).toEqual(expected);
});

it("names and odd spellings are warned of", () => {
  const warn = (object: KubeObject): unknown => endpointSlices.warn?.(object, undefined, sampleWriteContext());
  expect(warn(slice({ addresses: ["a.example.com"] }, "FQDN"))).toEqual(["addressType: FQDN endpoints are deprecated"]);
  expect(warn(slice({ addresses: ["FD00::1"] }, "IPv6"))).toEqual([
    'endpoints[0].addresses[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
});
