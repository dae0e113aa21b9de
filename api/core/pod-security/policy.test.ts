import { describe, expect, test } from "vitest";
import { describeFieldError } from "../../machinery/field-error.ts";
import { describeLabels, formatLevelVersion, type Policy, policyOf } from "./policy.ts";

const open: Policy = {
  enforce: { level: "privileged", version: "latest" },
  audit: { level: "privileged", version: "latest" },
  warn: { level: "privileged", version: "latest" },
};

const key = (mode: string): string => `pod-security.kubernetes.io/${mode}`;

/** `enforce audit warn`, and what is wrong. */
function read(labels: Record<string, string>, defaults: Policy = open): [string, string[]] {
  const { policy, problems } = policyOf(labels, defaults);
  const shown = [policy.enforce, policy.audit, policy.warn].map(formatLevelVersion).join(" ");
  return [shown, problems.map((problem) => `${problem.field}: ${describeFieldError(problem)}`)];
}

describe("the policy of a namespace", () => {
  test.each<[string, Record<string, string>, string]>([
    ["without labels is the default", {}, "privileged:latest privileged:latest privileged:latest"],
    [
      "takes each mode's own",
      { [key("enforce")]: "baseline", [key("enforce-version")]: "v1.22", [key("warn")]: "restricted" },
      "baseline:v1.22 privileged:latest restricted:latest",
    ],
    [
      "a version alone changes the default",
      { [key("audit-version")]: "v1.0" },
      "privileged:latest privileged:v1.0 privileged:latest",
    ],
  ])("%s", (_name, labels, expected) => {
    expect(read(labels)).toEqual([expected, []]);
  });

  test("is the strictest where it cannot be read, but says nothing in the other modes", () => {
    expect(read({ [key("enforce")]: "Baseline", [key("audit")]: "x", [key("warn-version")]: "1.22" })).toEqual([
      "restricted:latest privileged:latest privileged:latest",
      [
        'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "Baseline": must be one of privileged, baseline, restricted',
        'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "x": must be one of privileged, baseline, restricted',
        'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.22": must be "latest" or "v1.x"',
      ],
    ]);
  });

  test.each(["v1.01", "v2.0", "v1", "1.30", "", "v1.99999999999"])("has no version %j", (version) => {
    expect(read({ [key("enforce-version")]: version })[1]).toHaveLength(1);
  });

  test("is told by its labels", () => {
    const labels = { [key("enforce")]: "baseline", [key("warn-version")]: "v1.30", [key("audit")]: "privileged" };
    const { policy } = policyOf(labels, { ...open, warn: { level: "restricted", version: "latest" } });
    expect(describeLabels(labels, policy)).toBe("enforce=baseline:latest, warn=restricted:v1.30");
  });
});
