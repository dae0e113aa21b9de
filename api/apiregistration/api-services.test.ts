import { describe, expect, it } from "vitest";
import type { APIService, APIServiceSpec } from "../generated/types/apiregistration-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { ago, sampleWriteContext } from "../row.testing.ts";
import { apiServices } from "./api-services.ts";

const context = sampleWriteContext();
const remote = { service: { namespace: "kube-system", name: "metrics", port: 443 } };

function apiService(spec: Partial<APIServiceSpec> = {}): APIService {
  return {
    metadata: { name: "v1.apps" },
    spec: { group: "apps", version: "v1", groupPriorityMinimum: 17800, versionPriority: 15, ...spec },
  };
}

describe("availability", () => {
  it("is there at once for what this server serves", () => {
    const local = apiService();
    apiServices.prepareForCreate?.(local, context);
    expect(local.status?.conditions).toEqual([
      {
        type: "Available",
        status: "True",
        lastTransitionTime: ago(0),
        reason: "Local",
        message: "Local APIServices are always available",
      },
    ]);
    expect(apiServices.table?.cells(local, { now: 0 })).toEqual(["v1.apps", "Local", "True", "<unknown>"]);
  });

  it("is unknown until someone has asked the service", () => {
    const object = apiService(remote);
    apiServices.prepareForCreate?.(object, context);
    expect(apiServices.table?.cells(object, { now: 0 }).slice(1, 3)).toEqual(["kube-system/metrics", "Unknown"]);
  });

  it("says why it is not there", () => {
    const conditions = [{ type: "Available", status: "False", reason: "MissingEndpoints" }];
    const object = { ...apiService(remote), status: { conditions } };
    expect(apiServices.table?.cells(object, { now: 0 })[2]).toBe("False (MissingEndpoints)");
  });
});

it.each<[string, Partial<APIServiceSpec>, string[]]>([
  ["a good one", {}, []],
  [
    "another name",
    { version: "v2" },
    ['metadata.name: Invalid value: "v1.apps": must be `spec.version+"."+spec.group`: "v2.apps"'],
  ],
  [
    "no priority",
    { groupPriorityMinimum: 0 },
    ["spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000"],
  ],
  [
    "too much priority",
    { versionPriority: 1001 },
    ["spec.versionPriority: Invalid value: 1001: must be positive and less than 1000"],
  ],
  [
    "trust in itself",
    { caBundle: "AAAA" },
    ['spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle'],
  ],
  ["a service of nowhere", { service: { name: "x" } }, ["spec.service.namespace: Required value"]],
  [
    "trust in anyone and in someone",
    { ...remote, caBundle: "AAAA", insecureSkipTLSVerify: true },
    ["spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present"],
  ],
])("judges %s", (_what, spec, expected) => {
  const found = apiServices.validate?.(apiService(spec), context) ?? [];
  expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
});
