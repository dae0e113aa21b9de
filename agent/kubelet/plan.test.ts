import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../api/generated/types/core-v1.ts";
import type { ContainerRecord, Run } from "./observed.ts";
import { plan, type PlanParts, type Step } from "./plan.ts";

function run(more: Partial<Run> = {}): ContainerRecord {
  return {
    run: { id: "1", image: "i", imageRef: "i", attempt: 0, startedAt: 0, isStarted: true, isReady: true, ...more },
  };
}

const up = run();
const starting = run({ isStarted: false });
const ended = (exitCode: number): ContainerRecord => run({ exit: { exitCode, reason: "", finishedAt: 0 } });

const spec: PodSpec = {
  containers: [{ name: "a" }, { name: "b" }],
  initContainers: [{ name: "init" }, { name: "proxy", restartPolicy: "Always" }],
};

function planned(
  containers: Record<string, ContainerRecord>,
  more: Partial<PlanParts> & { readonly spec?: PodSpec } = {},
): readonly string[] {
  const steps = plan({
    ...{ pod: { spec: more.spec ?? spec }, sandbox: "ready", isEnding: false, isStarting: false, now: 100 },
    containers: new Map(Object.entries(containers)),
    isStopping: () => false,
    heldUntil: () => undefined,
    ...more,
  });
  return steps.map((step: Step) => ("container" in step ? `${step.do} ${step.container}` : step.do));
}

describe("what is next for a pod", () => {
  it.each([
    ["its sandbox", {}, { sandbox: "absent" }, ["create sandbox"]],
    ["nothing while something starts", {}, { isStarting: true }, []],
    ["its first init container", {}, {}, ["start init"]],
    ["to wait for it", { init: up }, {}, []],
    ["the sidecar", { init: ended(0) }, {}, ["start proxy"]],
    ["to wait until that has started", { init: ended(0), proxy: starting }, {}, []],
    ["the first container", { init: ended(0), proxy: up }, {}, ["start a"]],
    ["the second", { init: ended(0), proxy: up, a: up }, {}, ["start b"]],
    ["nothing when all run", { init: ended(0), proxy: up, a: up, b: up }, {}, []],
    [
      "a sidecar that has ended, though init containers are forgotten",
      { proxy: ended(1), a: up, b: up },
      {},
      ["start proxy"],
    ],
    ["a failed init container again", { init: ended(1) }, {}, ["start init"]],
    ["the end when that must not be", { init: ended(1) }, { spec: { ...spec, restartPolicy: "Never" } }, ["end"]],
    [
      "the end when all have ended",
      { proxy: up, a: ended(0), b: ended(1) },
      { spec: { ...spec, restartPolicy: "Never" } },
      ["end"],
    ],
    [
      "only what failed",
      { proxy: up, a: ended(0), b: ended(1) },
      { spec: { ...spec, restartPolicy: "OnFailure" } },
      ["start b"],
    ],
    [
      "to hold back what fails again and again",
      { proxy: up, a: ended(1), b: up },
      { heldUntil: () => 200 },
      ["hold a"],
    ],
    ["to stop what a probe condemns", { proxy: up, a: run({ condemned: "liveness" }), b: up }, {}, ["stop a"]],
    ["at the end, all but sidecars", { proxy: up, a: up, b: up }, { isEnding: true }, ["stop a", "stop b"]],
    ["then the sidecars", { proxy: up, a: ended(0), b: ended(0) }, { isEnding: true }, ["stop proxy"]],
    ["then the sandbox", { proxy: ended(0), a: ended(0) }, { isEnding: true }, ["stop sandbox"]],
    ["then nothing", { a: ended(0) }, { isEnding: true, sandbox: "stopped" }, []],
  ] as const)("%s", (_, containers, more, steps) => {
    expect(planned(containers, more as Partial<PlanParts>)).toEqual(steps);
  });
});

const record = fc.constantFrom<ContainerRecord | undefined>(
  undefined,
  up,
  starting,
  ended(0),
  ended(1),
  run({ condemned: "liveness" }),
);

it("never starts what runs, starts one thing at a time, and starts nothing at the end", () => {
  const observed = fc.record({ init: record, proxy: record, a: record, b: record });
  const policy = fc.constantFrom("Always", "OnFailure", "Never");
  fc.assert(
    fc.property(observed, policy, fc.boolean(), (seen, restartPolicy, isEnding) => {
      const containers = Object.fromEntries(
        Object.entries(seen).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])),
      );
      const steps = planned(containers, { isEnding, spec: { ...spec, restartPolicy } });
      const starts = steps.filter((step) => step.startsWith("start "));
      expect(starts.length).toBeLessThanOrEqual(isEnding ? 0 : 1);
      for (const step of starts) {
        const { run: found } = containers[step.slice(6)] ?? {};
        expect(found === undefined || found.exit !== undefined).toBe(true);
      }
      for (const step of steps.filter((one) => one.startsWith("stop ") && one !== "stop sandbox"))
        expect(containers[step.slice(5)]?.run?.exit).toBeUndefined();
    }),
  );
});
