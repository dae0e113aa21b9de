import { describe, expect, it } from "vitest";
import type { Service } from "../../api/generated/types/core-v1.ts";
import { denyServiceExternalIPs } from "./deny-service-external-ips.ts";
import { admissionRequest, refusal } from "./objects.testing.ts";

function service(...externalIPs: string[]): Service {
  return { metadata: { name: "s" }, spec: { externalIPs } };
}

describe("DenyServiceExternalIPs", () => {
  it.each<readonly [Service, Service | undefined, boolean]>([
    [service(), undefined, true],
    [service("1.1.1.1"), undefined, false],
    [service("1.1.1.1"), service("1.1.1.1", "2.2.2.2"), true],
    [service("3.3.3.3"), service("1.1.1.1"), false],
  ])("%j after %j: %j", async (object, old, admits) => {
    expect(await refusal(denyServiceExternalIPs(), admissionRequest("services", { object, old }))).toBe(
      admits ? undefined : 'services "s" is forbidden: Use of external IPs is denied by admission control',
    );
  });
});
