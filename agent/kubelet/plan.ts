import { mayRestart } from "../../api/core/container-restarts.ts";
import type { PodSpec } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import {
  type AnyContainer,
  type AnyPod,
  type ContainerRecord,
  hasInitialized,
  isRunning,
  isSidecar,
  noRecord,
} from "./observed.ts";

/** What to do next for a pod. Steps that take time are told to the next plan by `isStarting` and `isStopping`. */
export type Step =
  | { readonly do: "create sandbox" }
  | { readonly do: "start"; readonly container: string }
  /** Not before `until`. */
  | { readonly do: "hold"; readonly container: string; readonly until: number }
  | { readonly do: "stop"; readonly container: string; readonly why: string }
  | { readonly do: "stop sandbox" }
  /** None of its containers will start again. */
  | { readonly do: "end" };

export interface PlanParts {
  readonly pod: AnyPod;
  readonly sandbox: "absent" | "ready" | "stopped";
  readonly containers: ReadonlyMap<string, ContainerRecord>;
  readonly isEnding: boolean;
  /** A sandbox or a container is on its way: containers start one after the other. */
  readonly isStarting: boolean;
  isStopping(container: string): boolean;
  /** A container must wait until then before it is started. */
  heldUntil(container: string): number | undefined;
  readonly now: number;
}

export function plan(parts: PlanParts): readonly Step[] {
  if (parts.isEnding) return ending(parts);
  const { spec } = parts.pod;
  if (spec === undefined || parts.isStarting) return spec === undefined ? [] : stopsOf(spec, parts);
  if (parts.sandbox !== "ready") return [sandboxStep(parts)];
  const steps: Step[] = [...stopsOf(spec, parts)];
  const debuggers = (spec.ephemeralContainers ?? []).flatMap(({ name }) => firstStart(name, parts));
  steps.push(...debuggers);
  const inits = planInits(spec, parts);
  steps.push(...inits.steps);
  if (inits.state === "failed") return [...steps, { do: "end" }];
  if (inits.state === "through") steps.push(...planMains(spec, parts));
  return oneStart(steps);
}

/** Containers that failed a probe, or whose resources cannot be changed while they run. */
function stopsOf(spec: DeepReadonly<PodSpec>, { containers, isStopping }: PlanParts): readonly Step[] {
  const steps: Step[] = [];
  const condemn = (container: AnyContainer, noun: string): void => {
    const { run } = containers.get(container.name) ?? noRecord;
    if (run?.condemned === undefined || run.exit !== undefined || isStopping(container.name)) return;
    const said = run.condemned === "resize" ? "resize requires restart" : `failed ${run.condemned} probe`;
    const restarts = (container.restartPolicy ?? spec.restartPolicy) !== "Never";
    const why = `${noun} ${container.name} ${said}${restarts ? ", will be restarted" : ""}`;
    steps.push({ do: "stop", container: container.name, why });
  };
  for (const container of spec.initContainers ?? []) condemn(container, "Init container");
  for (const container of spec.containers ?? []) condemn(container, "Container");
  return steps;
}

/** In order; each waits for the one before: to be through, or, a sidecar, to have started. */
function planInits(
  spec: DeepReadonly<PodSpec>,
  parts: PlanParts,
): { readonly state: "through" | "under way" | "failed"; readonly steps: readonly Step[] } {
  const wasInitialized = hasInitialized(parts.pod, parts.containers);
  const steps: Step[] = [];
  for (const container of spec.initContainers ?? []) {
    const record = parts.containers.get(container.name) ?? noRecord;
    if (isSidecar(container)) {
      if (!isRunning(record)) steps.push(...start(container.name, parts));
      if (!wasInitialized && !(isRunning(record) && record.run?.isStarted === true))
        return { state: "under way", steps };
      continue;
    }
    if (wasInitialized) continue;
    const exit = record.run?.exit;
    if (exit?.exitCode === 0) continue;
    if (exit !== undefined && !mayRestart(container, spec, exit.exitCode)) return { state: "failed", steps };
    if (!isRunning(record)) steps.push(...start(container.name, parts));
    return { state: "under way", steps };
  }
  return { state: "through", steps };
}

function planMains(spec: DeepReadonly<PodSpec>, parts: PlanParts): readonly Step[] {
  const steps: Step[] = [];
  let isDone = true;
  for (const container of spec.containers ?? []) {
    const record = parts.containers.get(container.name) ?? noRecord;
    const exit = record.run?.exit;
    if (exit !== undefined && !mayRestart(container, spec, exit.exitCode)) continue;
    isDone = false;
    if (!isRunning(record)) steps.push(...start(container.name, parts));
  }
  return isDone ? [{ do: "end" }] : steps;
}

/** What failed before is tried again later; it goes by the name of no container. */
function sandboxStep({ heldUntil, now }: PlanParts): Step {
  const until = heldUntil("");
  return until !== undefined && until > now ? { do: "hold", container: "", until } : { do: "create sandbox" };
}

function firstStart(name: string, parts: PlanParts): readonly Step[] {
  return parts.containers.get(name)?.run === undefined ? start(name, parts) : [];
}

function start(container: string, { heldUntil, now }: PlanParts): readonly Step[] {
  const until = heldUntil(container);
  return until !== undefined && until > now ? [{ do: "hold", container, until }] : [{ do: "start", container }];
}

/** What more can start is found when the first has. */
function oneStart(steps: readonly Step[]): readonly Step[] {
  const first = steps.find((step) => step.do === "start");
  return steps.filter((step) => step.do !== "start" || step === first);
}

/** All at once but the sidecars, which go when all others have: the last to start is the first to go. */
function ending(parts: PlanParts): readonly Step[] {
  const { pod, containers, isStarting, isStopping } = parts;
  const { initContainers = [], containers: mains = [], ephemeralContainers = [] } = pod.spec ?? {};
  const isUp = ({ name }: { readonly name: string }): boolean => isRunning(containers.get(name) ?? noRecord);
  const others = [...initContainers.filter((one) => !isSidecar(one)), ...mains, ...ephemeralContainers].filter(isUp);
  const lastSidecar = initContainers.filter(isSidecar).findLast(isUp);
  const running = others.length > 0 ? others : lastSidecar === undefined ? [] : [lastSidecar];
  if (running.length > 0)
    return running
      .filter(({ name }) => !isStopping(name))
      .map(({ name }) => ({ do: "stop", container: name, why: `Stopping container ${name}` }));
  return parts.sandbox === "ready" && !isStarting && !isStopping("") ? [{ do: "stop sandbox" }] : [];
}
