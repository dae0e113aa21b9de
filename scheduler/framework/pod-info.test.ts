import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../../api/generated/types/core-v1.ts";
import { createPodInfo } from "./pod-info.ts";
import { pod } from "./stage.testing.ts";

function container(name: string, requests: Record<string, string>, more: Partial<Container> = {}): Container {
  return { name, image: "i", resources: { requests }, ...more };
}

function withSpec(spec: Partial<NonNullable<Pod["spec"]>>, status?: Pod["status"]): Pod {
  return pod("p", { spec, ...(status === undefined ? {} : { status }) });
}

describe("what a pod takes of a node", () => {
  it.each<[string, Pod, { milliCpu: number; memory: number }]>([
    [
      "sums its containers",
      withSpec({ containers: [container("a", { cpu: "1", memory: "1Ki" }), container("b", { cpu: "500m" })] }),
      { milliCpu: 1500, memory: 1024 },
    ],
    [
      "takes an init container that needs more",
      withSpec({
        containers: [container("a", { cpu: "1" })],
        initContainers: [container("i", { cpu: "3", memory: "5" })],
      }),
      { milliCpu: 3000, memory: 5 },
    ],
    [
      "adds sidecars",
      withSpec({
        containers: [container("a", { cpu: "1" })],
        initContainers: [container("i", { cpu: "3" }, { restartPolicy: "Always" })],
      }),
      { milliCpu: 4000, memory: 0 },
    ],
    [
      "adds the overhead",
      withSpec({ containers: [container("a", { cpu: "1" })], overhead: { cpu: "250m", memory: "7" } }),
      { milliCpu: 1250, memory: 7 },
    ],
    [
      "goes by the pod's own resources",
      withSpec({ containers: [container("a", { cpu: "1" })], resources: { requests: { cpu: "2" } } }),
      { milliCpu: 2000, memory: 0 },
    ],
    [
      "takes the most of what is wanted and had while it is resized",
      withSpec(
        { containers: [container("a", { cpu: "1" })] },
        {
          containerStatuses: [
            {
              name: "a",
              image: "i",
              imageID: "",
              ready: true,
              restartCount: 0,
              resources: { requests: { cpu: "2" } },
              allocatedResources: { cpu: "3" },
            },
          ],
        },
      ),
      { milliCpu: 3000, memory: 0 },
    ],
  ])("%s", (_, of, expected) => {
    const { requests } = createPodInfo(of);
    expect({ milliCpu: requests.milliCpu, memory: requests.memory }).toEqual(expected);
  });

  it("is taken to be a little where it says nothing, for scores only", () => {
    const info = createPodInfo(withSpec({ containers: [container("a", {}), container("b", { cpu: "1" })] }));
    expect(info.requests).toMatchObject({ milliCpu: 1000, memory: 0 });
    expect(info.nonZeroRequests).toEqual({ milliCpu: 1100, memory: 2 * 200 * 1024 * 1024 });
  });

  it("counts extended resources and huge pages", () => {
    const { scalars } = createPodInfo(
      withSpec({ containers: [container("a", { "example.com/gpu": "2", "hugepages-2Mi": "4Mi" })] }),
    ).requests;
    expect([...scalars]).toEqual([
      ["example.com/gpu", 2],
      ["hugepages-2Mi", 4_194_304],
    ]);
  });

  it("knows its claims, of ephemeral volumes too", () => {
    const { claims } = createPodInfo(
      withSpec({
        containers: [],
        volumes: [
          { name: "a", persistentVolumeClaim: { claimName: "data" } },
          { name: "b", ephemeral: {} },
          { name: "c", emptyDir: {} },
        ],
      }),
    );
    expect(claims).toEqual(["default/data", "default/p-b"]);
  });
});
