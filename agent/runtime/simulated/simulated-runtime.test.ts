import { describe, expect, it } from "vitest";
import type { Pod } from "../../../api/generated/types/core-v1.ts";
import { systemRandom } from "../../../base/random.ts";
import { SimulatedClock } from "../../../base/simulated-clock.ts";
import type { LogLine, LogOptions, RuntimeEvent } from "../runtime.ts";
import { createImageCatalogue } from "./image-name.ts";
import { compileRules, type Rule } from "./rules.ts";
import { SimulatedRuntime } from "./simulated-runtime.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function running(rules: readonly Rule[]): Promise<{
  runtime: SimulatedRuntime;
  clock: SimulatedClock;
  id: string;
  events: readonly RuntimeEvent[];
}> {
  const clock = new SimulatedClock(0, settled);
  const deps = { nodeName: "node-0", rules: compileRules(rules), catalogue: createImageCatalogue() };
  const runtime = new SimulatedRuntime({ ...deps, clock, random: systemRandom });
  const events: RuntimeEvent[] = [];
  runtime.onEvent((event) => void events.push(event));
  runtime.setPodRanges(["10.0.0.0/24"]);
  const container = { name: "web", image: "nginx" };
  const pod: Pod = { metadata: { name: "web", namespace: "shop", uid: "u" }, spec: { containers: [container] } };
  const image = await runtime.pullImage("nginx", { pod });
  const sandbox = await runtime.createSandbox(pod);
  const id = await runtime.createContainer(sandbox.id, { pod, container, image, attempt: 0 });
  await runtime.startContainer(id);
  return { runtime, clock, id, events };
}

async function gathered(lines: AsyncIterable<LogLine>): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { at, text } of lines) texts.push(`${at} ${text}`);
  return texts;
}

const options: LogOptions = { follow: false, signal: new AbortController().signal };

describe("a simulated log", () => {
  const every: Rule = { match: {}, change: { log: { lines: ["hello"], every: { ms: 5000, line: "tick" } } } };

  it("is a greeting where no rule says otherwise", async () => {
    const { runtime, id } = await running([]);
    expect(await gathered(runtime.logs(id, options))).toEqual(["0 simulated container web of pod shop/web started"]);
  });

  it("has what was written so far, as much of it as is asked for", async () => {
    const { runtime, clock, id } = await running([every]);
    await clock.advance(16_000);
    expect(await gathered(runtime.logs(id, options))).toEqual(["0 hello", "5000 tick", "10000 tick", "15000 tick"]);
    expect(await gathered(runtime.logs(id, { ...options, tailLines: 1 }))).toEqual(["15000 tick"]);
    expect(await gathered(runtime.logs(id, { ...options, since: 10_000 }))).toEqual(["10000 tick", "15000 tick"]);
    await runtime.stopContainer(id, 1000);
    await clock.advance(60_000);
    expect(await gathered(runtime.logs(id, options))).toHaveLength(4);
  });

  it("is followed until the container ends, or nobody reads on", async () => {
    const { runtime, clock, id } = await running([every]);
    const all = gathered(runtime.logs(id, { ...options, follow: true }));
    const leaving = new AbortController();
    const some = gathered(runtime.logs(id, { follow: true, signal: leaving.signal }));
    await clock.advance(6_000);
    leaving.abort();
    expect(await some).toEqual(["0 hello", "5000 tick"]);
    await clock.advance(5_000);
    await runtime.stopContainer(id, 1000);
    await clock.advance(2_000);
    expect(await all).toEqual(["0 hello", "5000 tick", "10000 tick"]);
  });
});

describe("a simulated container", () => {
  it("runs no commands", async () => {
    const { runtime } = await running([]);
    await expect(runtime.exec()).rejects.toThrow("simulated containers run no commands");
  });

  it("ends with its sandbox, which tells it and gives the address back", async () => {
    const { runtime, events, id } = await running([]);
    expect(runtime.stats()).toHaveLength(1);
    await runtime.removeSandbox("u");
    expect(events).toMatchObject([
      { type: "exited", podUid: "u", containerId: id, exit: { exitCode: 137, reason: "Error" } },
    ]);
    expect(runtime.stats()).toEqual([]);
  });

  it("sets no timer while it just runs", async () => {
    const { clock } = await running([]);
    let asked = 0;
    await clock.until(() => (asked += 1) > 2, 1_000_000);
    expect(asked).toBe(1);
  });
});
