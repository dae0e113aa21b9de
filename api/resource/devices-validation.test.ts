import { describe, expect, it } from "vitest";
import type { Device, DeviceClaim, ResourceClaimStatus } from "../generated/types/resource-v1.ts";
import type { KubeObject } from "../machinery/object.ts";
import { findingsOf } from "../row.testing.ts";
import { deviceClasses } from "./device-classes.ts";
import { resourceClaims } from "./resource-claims.ts";
import { resourceSlices } from "./resource-slices.ts";

const exactly = { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1 };
const gpus = { name: "gpus", exactly };
const either = { name: "either", firstAvailable: [{ name: "large", ...exactly }] };
const unknown = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

describe("a claim", () => {
  it.each<[string, DeviceClaim, string[]]>([
    [
      "with a constraint",
      {
        requests: [gpus, either],
        constraints: [{ requests: ["gpus", "either/large"], matchAttribute: "a.example.com/numa" }],
      },
      [],
    ],
    [
      "with a constraint on what it does not ask for",
      { requests: [either], constraints: [{ requests: ["either/small"], matchAttribute: "a.example.com/numa" }] },
      [`spec.devices.constraints[0].requests[0]: Invalid value: "either/small": ${unknown}`],
    ],
    [
      "with a constraint of no domain",
      { requests: [gpus], constraints: [{ matchAttribute: "numa" }] },
      [
        'spec.devices.constraints[0].matchAttribute: Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash',
      ],
    ],
    [
      "with a configuration of nothing",
      { requests: [gpus], config: [{ requests: ["gpus"] }] },
      ["spec.devices.config[0].opaque: Required value"],
    ],
    [
      "with a configuration that is no object",
      { requests: [gpus], config: [{ opaque: { driver: "d.example.com", parameters: [1] } }] },
      ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
    ],
    [
      "that tolerates by a value of none",
      { requests: [{ ...gpus, exactly: { ...exactly, tolerations: [{ key: "k", operator: "Exists", value: "v" }] } }] },
      [
        'spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`',
      ],
    ],
  ])("%s", (_what, devices, expected) => {
    expect(findingsOf(resourceClaims, { metadata: { name: "c" }, spec: { devices } } as KubeObject)).toEqual(expected);
  });
});

describe("the status of a claim", () => {
  const result = { request: "gpus", driver: "d.example.com", pool: "p", device: "a" };
  const allocation = { devices: { results: [result] } };
  const user = { resource: "pods", name: "p", uid: "u" };
  it.each<[string, ResourceClaimStatus, ResourceClaimStatus, string[]]>([
    ["is allocated and reserved", { allocation, reservedFor: [user] }, {}, []],
    [
      "is reserved before it is allocated",
      { reservedFor: [user] },
      {},
      ["status.reservedFor: Forbidden: may not be specified when `allocated` is not set"],
    ],
    [
      "is allocated for another request",
      { allocation: { devices: { results: [{ ...result, request: "x" }] } } },
      {},
      [`status.allocation.devices.results[0].request: Invalid value: "x": ${unknown}`],
    ],
    [
      "is allocated otherwise",
      { allocation: { devices: { results: [{ ...result, device: "b" }] } } },
      { allocation },
      [expect.stringMatching(/^status\.allocation: Invalid value: .*: field is immutable$/) as never],
    ],
    [
      "tells of a device that is not its own",
      { allocation, devices: [{ driver: "d.example.com", pool: "p", device: "b" }] },
      { allocation },
      ['status.devices[0]: Invalid value: "d.example.com/p/b": must be an allocated device in the claim'],
    ],
  ])("%s", (_what, status, before, expected) => {
    const of = (one: ResourceClaimStatus): KubeObject =>
      ({ metadata: { name: "c" }, spec: { devices: { requests: [gpus] } }, status: one }) as KubeObject;
    expect(findingsOf(resourceClaims, of(status), of(before), "status")).toEqual(expected);
  });
});

describe("a slice of devices", () => {
  const path = "spec.devices[0]";
  const slice = (device: Partial<Device>, more: object = {}): KubeObject =>
    ({
      metadata: { name: "s" },
      spec: {
        driver: "d.example.com",
        pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        nodeName: "n",
        devices: [{ name: "a", ...device }],
        ...more,
      },
    }) as KubeObject;
  it.each<[string, KubeObject, string[]]>([
    ["with attributes", slice({ attributes: { model: { string: "x" }, "e.com/v": { version: "1.2.3" } } }), []],
    [
      "with an attribute of two kinds",
      slice({ attributes: { model: { string: "x", int: 1 } } }),
      [`${path}.attributes[model]: Invalid value: {"string":"x","int":1}: exactly one value must be specified`],
    ],
    [
      "with a version that is none",
      slice({ attributes: { v: { version: "1.2" } } }),
      [`${path}.attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`],
    ],
    [
      "with too many attributes",
      slice({ attributes: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`a${n}`, { bool: true }])) }),
      [`${path}: Invalid value: 33: the total number of attributes and capacities must not exceed 32`],
    ],
    [
      "with devices elsewhere",
      slice({ nodeName: "m" }),
      [
        `${path}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
      ],
    ],
    [
      "with half of a binding",
      slice({ bindingConditions: ["ready"] }),
      [
        `${path}.bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions`,
      ],
    ],
    [
      "with a policy for one user",
      slice({ capacity: { memory: { value: "8Gi", requestPolicy: { default: "1Gi" } } } }),
      [`${path}.capacity[memory].requestPolicy: Forbidden: allowMultipleAllocations must be true`],
    ],
    [
      "with steps that do not fit",
      slice({
        allowMultipleAllocations: true,
        capacity: {
          memory: { value: "8Gi", requestPolicy: { default: "3Gi", validRange: { min: "2Gi", step: "2Gi" } } },
        },
      }),
      [
        `${path}.capacity[memory].requestPolicy.validRange.step: Invalid value: "3Gi": value is not a multiple of a given step (2Gi) from (2Gi)`,
      ],
    ],
    [
      "of a pool without slices",
      slice({}, { pool: { name: "A", generation: -1, resourceSliceCount: 0 } }),
      [
        expect.stringMatching(/^spec\.pool\.name: Invalid value: "A": a lowercase RFC 1123 subdomain/) as never,
        "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero",
        "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero",
      ],
    ],
  ])("%s", (_what, object, expected) => {
    expect(findingsOf(resourceSlices, object)).toEqual(expected);
  });
});

it.each([
  ["example.com/gpu", []],
  ["cpu", ['spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name']],
])("a class for pods that ask for %s", (extendedResourceName, expected) => {
  expect(findingsOf(deviceClasses, { metadata: { name: "c" }, spec: { extendedResourceName } } as KubeObject)).toEqual(
    expected,
  );
});
