import { describeFieldError } from "../../api/machinery/field-error.ts";
import { describe, expect, test } from "vitest";
import type { ServiceSpec } from "../../api/generated/types/core-v1.ts";
import type { IpFamily } from "../../api/machinery/ip.ts";
import { settleIpFamilies } from "./ip-families.ts";

const single: readonly IpFamily[] = ["IPv4"];
const dual: readonly IpFamily[] = ["IPv6", "IPv4"];

function settled(spec: ServiceSpec, configured: readonly IpFamily[], old?: ServiceSpec): string {
  const changed: ServiceSpec = { type: "ClusterIP", ...structuredClone(spec) };
  const findings = settleIpFamilies(changed, old === undefined ? undefined : { type: "ClusterIP", ...old }, configured);
  if (findings.length > 0) return findings.map((one) => `${one.field}: ${describeFieldError(one)}`).join("; ");
  return `${changed.ipFamilyPolicy ?? "-"} ${changed.ipFamilies?.join() ?? "-"}`;
}

const headless: ServiceSpec = { clusterIP: "None", clusterIPs: ["None"] };

describe("a new service", () => {
  test.each<[string, ServiceSpec, readonly IpFamily[], string]>([
    ["says nothing", {}, single, "SingleStack IPv4"],
    ["says nothing, with two families", {}, dual, "SingleStack IPv6"],
    ["prefers two", { ipFamilyPolicy: "PreferDualStack" }, dual, "PreferDualStack IPv6,IPv4"],
    ["prefers two where there is one", { ipFamilyPolicy: "PreferDualStack" }, single, "PreferDualStack IPv4"],
    [
      "requires two, in its own order",
      { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4"] },
      dual,
      "RequireDualStack IPv4,IPv6",
    ],
    [
      "requires two where there is one",
      { ipFamilyPolicy: "RequireDualStack" },
      single,
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    ["asks for an address", { clusterIPs: ["10.0.0.7"] }, dual, "SingleStack IPv4"],
    [
      "asks for an address of another family",
      { clusterIPs: ["fd00::7"] },
      single,
      'spec.clusterIPs[0]: Invalid value: ["fd00::7"]: IPv6 is not configured on this cluster',
    ],
    [
      "asks for another family",
      { ipFamilies: ["IPv6"] },
      single,
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    [
      "asks for two addresses and no policy",
      { clusterIPs: ["10.0.0.7", "fd00::7"] },
      dual,
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified`,
    ],
    [
      "names two families and no policy",
      { ipFamilies: ["IPv4", "IPv6"] },
      dual,
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    ],
    ["is headless", { ...headless, selector: { app: "web" } }, dual, "SingleStack IPv6"],
    ["is headless without a selector, on one family", headless, single, "RequireDualStack IPv4,IPv6"],
    [
      "is headless without a selector, of one family",
      { ...headless, ipFamilyPolicy: "SingleStack" },
      dual,
      "SingleStack IPv6",
    ],
    ["is a name elsewhere", { type: "ExternalName" }, dual, "- -"],
  ])("that %s", (_name, spec, configured, expected) => {
    expect(settled(spec, configured)).toBe(expected);
  });
});

describe("a change", () => {
  const one: ServiceSpec = { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6"], clusterIPs: ["fd00::7"] };
  const two: ServiceSpec = {
    ipFamilyPolicy: "RequireDualStack",
    ipFamilies: ["IPv6", "IPv4"],
    clusterIPs: ["fd00::7", "10.0.0.7"],
  };
  const release = (what: string): string =>
    `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be 'SingleStack' to release the secondary ${what}`;

  test.each<[string, ServiceSpec, ServiceSpec, string]>([
    ["without a policy keeps it", { clusterIPs: ["fd00::7", "10.0.0.7"] }, two, "RequireDualStack IPv6,IPv4"],
    ["to two adds the other", { ...one, ipFamilyPolicy: "RequireDualStack" }, one, "RequireDualStack IPv6,IPv4"],
    ["to one drops the second", { ...two, ipFamilyPolicy: "SingleStack" }, two, "SingleStack IPv6"],
    ["to fewer addresses needs the policy", { ...two, clusterIPs: ["fd00::7"] }, two, release("cluster IP")],
    ["to fewer families needs the policy", { ...two, ipFamilies: ["IPv6"] }, two, release("IP family")],
    [
      "of something else leaves a preference as it is",
      { ...one, ipFamilyPolicy: "PreferDualStack" },
      { ...one, ipFamilyPolicy: "PreferDualStack" },
      "PreferDualStack IPv6",
    ],
    ["from a name elsewhere starts anew", {}, { type: "ExternalName" }, "SingleStack IPv6"],
  ])("%s", (_name, spec, old, expected) => {
    expect(settled(spec, dual, old)).toBe(expected);
  });

  test("to one family drops the second address, too", () => {
    const spec: ServiceSpec = { type: "ClusterIP", ...structuredClone(two), ipFamilyPolicy: "SingleStack" };
    expect(settleIpFamilies(spec, { type: "ClusterIP", ...two }, dual)).toEqual([]);
    expect(spec.clusterIPs).toEqual(["fd00::7"]);
  });
});
