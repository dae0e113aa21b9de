import { expect, it } from "vitest";
import type { EndpointAddress, Endpoints } from "../../api/generated/types/core-v1.ts";
import type { Slice } from "../endpointslice/service-slice.ts";
import { maxMirrored, planMirror } from "./plan.ts";

const ports = [{ name: "http", port: 80, protocol: "TCP" }];

function source(addresses: EndpointAddress[], uid = "u1"): Endpoints {
  return { metadata: { namespace: "default", name: "web", uid }, subsets: [{ addresses, ports }] };
}

const written = (slices: readonly Slice[]): Slice[] =>
  slices.map((slice, index) => ({ ...slice, metadata: { ...slice.metadata, name: `web-${index}` } }));

it("mirrors at most a thousand addresses of a subset, and counts what it leaves out", () => {
  const many = Array.from({ length: maxMirrored + 5 }, (_, index) => ({ ip: `10.0.${index >> 8}.${index & 255}` }));
  const { create, invalid, skipped } = planMirror(source([{ ip: "0-nonsense" }, ...many]), []);
  expect([create.length, create[0]?.endpoints?.length, invalid, skipped]).toEqual([1, maxMirrored, 1, 6]);
});

it("writes nothing where nothing has changed", () => {
  const endpoints = source([{ ip: "10.0.0.1", targetRef: { kind: "Pod", name: "p", uid: "p1" } }]);
  const existing = written(planMirror(endpoints, []).create);
  expect(planMirror(endpoints, existing)).toEqual({ create: [], update: [], delete: [], invalid: 0, skipped: 0 });
});

it("takes over the slices of Endpoints that had the name before", () => {
  const existing = written(planMirror(source([{ ip: "10.0.0.1" }], "u0"), []).create);
  const { create, update } = planMirror(source([{ ip: "10.0.0.1" }]), existing);
  expect(create).toEqual([]);
  expect(update).toMatchObject([{ metadata: { name: "web-0", ownerReferences: [{ uid: "u1" }] } }]);
});

it("keeps one slice of several that are alike", () => {
  const endpoints = source([{ ip: "10.0.0.1" }]);
  const [one] = planMirror(endpoints, []).create;
  const existing = one === undefined ? [] : written([one, one]);
  expect(planMirror(endpoints, existing)).toMatchObject({ create: [], update: [], delete: [existing[1]] });
});

it("makes the slice of ports that went that of ports that came", () => {
  const existing = written(planMirror(source([{ ip: "10.0.0.1" }]), []).create);
  const other = { ...source([]), subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 81 }] }] };
  const { create, update, delete: gone } = planMirror(other, existing);
  expect([create, gone]).toEqual([[], []]);
  expect(update).toMatchObject([{ metadata: { name: "web-0" }, ports: [{ name: "", port: 81, protocol: "TCP" }] }]);
});
