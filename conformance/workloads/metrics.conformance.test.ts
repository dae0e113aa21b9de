import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isOwnCluster } from "../target.ts";
import { tableLines } from "../kubectl/table-text.ts";
import { pod, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** What nodes and pods use, which they tell in the metrics API: somebody's cluster may have none. */
describe.runIf(isOwnCluster)("kubectl top", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("metrics");
    const container = { resources: { requests: { cpu: "400m", memory: "100Mi" } } };
    await stage.create(
      workload("Deployment", "web", { replicas: 2 }, { container }),
      pod("busy", {
        annotations: { "simulated.wherry.dev/cpu": "3", "simulated.wherry.dev/memory": "1Gi" },
        container,
      }),
    );
    await stage.ok("wait", "pods", "--all", "--for=condition=Ready", "--timeout=35s");
    // There are figures once containers have run for a while.
    const told = async (): Promise<readonly string[]> => tableLines(await stage.ok("top", "pods", "--no-headers"));
    await vi.waitFor(async () => expect(await told()).toHaveLength(3), { timeout: 30_000, interval: 200 });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test("nodes", async () => {
    const [header, ...lines] = tableLines(await stage.ok("top", "nodes"));
    expect(header).toBe("NAME | CPU(cores) | CPU(%) | MEMORY(bytes) | MEMORY(%)");
    expect(lines).toEqual(
      [0, 1, 2].map((index) =>
        expect.stringMatching(new RegExp(String.raw`^node-${index} \| \d+m \| \d+% \| \d+Mi \| \d+%$`)),
      ),
    );
    const sorted = tableLines(await stage.ok("top", "nodes", "--sort-by=cpu", "--no-headers"));
    expect(sorted[0]).toContain(await stage.value("pod/busy", ".spec.nodeName"));
  });

  test("pods and their containers", async () => {
    const [header, busy, ...others] = tableLines(await stage.ok("top", "pods", "--sort-by=cpu"));
    expect(header).toBe("NAME | CPU(cores) | MEMORY(bytes)");
    expect(busy).toMatch(/^busy \| (?:2[789]|3[0-3])\d\dm \| \d+Mi$/);
    expect(others).toHaveLength(2);
    for (const line of others) expect(line).toMatch(/^web-\S+ \| (?:1[89]|2[012])\dm \| [67]\dMi$/);
    const containers = tableLines(await stage.ok("top", "pod", "busy", "--containers", "--sum"));
    expect(containers[0]).toBe("POD | NAME | CPU(cores) | MEMORY(bytes)");
    expect(containers[1]).toMatch(/^busy \| app \| \d+m \| \d+Mi$/);
    expect(await stage.ok("top", "pods", "-l", "app=web", "--no-headers")).not.toContain("busy");
    expect(await stage.refused("top", "pod", "absent")).toContain("NotFound");
  });
});
