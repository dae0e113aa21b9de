import { describe, expect, it } from "vitest";
import type { LimitRange, LimitRangeItem, Pod } from "../../../api/generated/types/core-v1.ts";
import { admissionRequest, holding, mutate, refusal } from "../objects.testing.ts";
import { limitRanger } from "./limit-ranger.ts";

function ranger(...limits: LimitRangeItem[]): ReturnType<typeof limitRanger> {
  const range: LimitRange = { metadata: { name: "limits", namespace: "ns" }, spec: { limits } };
  return limitRanger({ reader: holding({ limitranges: [range] }) });
}

function pod(resources: object, more: object = {}): Pod {
  return { metadata: { name: "p" }, spec: { containers: [{ name: "c", resources }], ...more } };
}

describe("LimitRanger", () => {
  it("gives containers the defaults that they lack, and says so", async () => {
    const plugin = ranger({
      type: "Container",
      default: { cpu: "2", memory: "1Gi" },
      defaultRequest: { cpu: "1", memory: "512Mi" },
    });
    const request = admissionRequest("pods", {
      object: pod({ requests: { cpu: "500m" } }, { initContainers: [{ name: "i" }] }),
    });
    expect(await mutate(plugin, request)).toBe("changed");
    expect(request.object).toEqual({
      metadata: {
        name: "p",
        annotations: {
          "kubernetes.io/limit-ranger":
            "LimitRanger plugin set: memory request for container c; cpu, memory limit for container c; cpu, memory request for init container i; cpu, memory limit for init container i",
        },
      },
      spec: {
        containers: [
          {
            name: "c",
            resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "2", memory: "1Gi" } },
          },
        ],
        initContainers: [
          {
            name: "i",
            resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { cpu: "2", memory: "1Gi" } },
          },
        ],
      },
    });
    expect(await mutate(plugin, request)).toBe("unchanged");
  });

  it.each<readonly [string, LimitRangeItem, Pod, string | undefined]>([
    [
      "a limit above the maximum",
      { type: "Container", max: { cpu: "1" } },
      pod({ limits: { cpu: "2" }, requests: { cpu: "1" } }),
      "maximum cpu usage per Container is 1, but limit is 2",
    ],
    [
      "no limit where there is a maximum",
      { type: "Container", max: { cpu: "1" } },
      pod({ requests: { cpu: "1" } }),
      "maximum cpu usage per Container is 1.  No limit is specified",
    ],
    [
      "a request below the minimum, and none",
      { type: "Container", min: { cpu: "100m", memory: "64Mi" } },
      pod({ requests: { cpu: "50m" } }),
      "[minimum cpu usage per Container is 100m, but request is 50m, minimum memory usage per Container is 64Mi.  No request is specified]",
    ],
    [
      "a limit far above the request",
      { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      pod({ limits: { cpu: "1" }, requests: { cpu: "300m" } }),
      "cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333",
    ],
    [
      "a ratio without a request",
      { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      pod({ limits: { cpu: "1" } }),
      "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
    ],
    [
      "the sum of containers and sidecars",
      { type: "Pod", max: { cpu: "1" } },
      pod(
        { limits: { cpu: "600m" } },
        { initContainers: [{ name: "s", restartPolicy: "Always", resources: { limits: { cpu: "600m" } } }] },
      ),
      "maximum cpu usage per Pod is 1, but limit is 1200m",
    ],
    [
      "what the pod states for itself",
      { type: "Pod", max: { cpu: "1" } },
      pod({ limits: { cpu: "600m" } }, { resources: { limits: { cpu: "3" } } }),
      "maximum cpu usage per Pod is 1, but limit is 3",
    ],
    [
      "nothing within the limits",
      { type: "Pod", min: { cpu: "1" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "1" } },
      pod({ limits: { cpu: "1" }, requests: { cpu: "1000m" } }),
      undefined,
    ],
  ])("complains of %s", async (_, item, object, complaint) => {
    expect(await refusal(ranger(item), admissionRequest("pods", { object }))).toBe(
      complaint === undefined ? undefined : `pods "p" is forbidden: ${complaint}`,
    );
  });

  it("holds claims to minimum and maximum", async () => {
    const plugin = ranger({ type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } });
    const ask = (storage: string): Promise<string | undefined> =>
      refusal(
        plugin,
        admissionRequest("persistentvolumeclaims", {
          object: { metadata: { name: "c" }, ...{ spec: { resources: { requests: { storage } } } } },
        }),
      );
    expect(await ask("1500Mi")).toBeUndefined();
    expect(await ask("3Gi")).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    );
    expect(await ask("1Mi")).toContain("minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi");
  });

  it("looks at updates only where they resize", async () => {
    const plugin = ranger({ type: "Container", max: { cpu: "1" } });
    const object = pod({ limits: { cpu: "2" } });
    expect(await refusal(plugin, admissionRequest("pods", { object, old: object }))).toBeUndefined();
    expect(await refusal(plugin, admissionRequest("pods", { object, old: object, subresource: "resize" }))).toContain(
      "maximum cpu usage",
    );
    const going = { ...object, metadata: { name: "p", deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(
      await refusal(plugin, admissionRequest("pods", { object, old: going, subresource: "resize" })),
    ).toBeUndefined();
  });
});
