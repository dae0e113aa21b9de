import type { Container, Pod } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { isPodTerminal } from "../../../api/core/pod-state.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import {
  type ContainerConfig,
  type ContainerExit,
  type ContainerStats,
  type LogLine,
  type LogOptions,
  type Runtime,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeImage,
  type RuntimePod,
  type Sandbox,
} from "../runtime.ts";
import { type Behaviour, type Delay, plain } from "./behaviour.ts";
import { healthOf } from "./health.ts";
import { linesBetween, nextLineAt } from "./log-lines.ts";
import { PodAddresses } from "./pod-addresses.ts";
import { rememberedContainers } from "./remembered.ts";
import { behaviourOf, type CompiledRule } from "./rules.ts";
import { usageOf } from "./usage.ts";

export interface SimulatedRuntimeDeps {
  readonly nodeName: string;
  readonly rules: readonly CompiledRule[];
  /** Shared by all nodes of the process. */
  readonly catalogue: (image: string) => RuntimeImage;
  readonly clock: Clock;
  readonly random: Random;
}

interface SimulatedSandbox {
  pod: DeepReadonly<Pod>;
  ips: readonly string[];
  readonly containers: SimulatedContainer[];
  isUp: boolean;
}

interface SimulatedContainer {
  readonly id: string;
  readonly sandbox: SimulatedSandbox;
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Undefined until it has started. */
  startedAt: number | undefined;
  readyAt: number;
  exit: ContainerExit | undefined;
  cancel: (() => void) | undefined;
  stop: Stop | undefined;
}

interface Stop {
  /** When it would end by itself. */
  readonly endsAt: number;
  readonly waiting: (() => void)[];
}

const mostImages = 1000;
const killed = 137;

/** A runtime that runs nothing: containers start, get ready, fail and end by rules. Nothing happens, and no timer is set, while a container just runs. */
export class SimulatedRuntime implements Runtime {
  readonly name = "simulated";
  readonly version = "1.0.0";
  readonly #deps: SimulatedRuntimeDeps;
  readonly #addresses = new PodAddresses();
  readonly #images = new Map<string, RuntimeImage>();
  /** By the pod's UID, which is the sandbox's ID too. */
  readonly #sandboxes = new Map<string, SimulatedSandbox>();
  readonly #containers = new Map<string, SimulatedContainer>();
  readonly #waits = new Set<() => void>();
  #listener: (event: RuntimeEvent) => void = () => {};

  constructor(deps: SimulatedRuntimeDeps) {
    this.#deps = deps;
  }

  setPodRanges(ranges: readonly string[]): void {
    this.#addresses.setRanges(ranges);
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = () => {});
  }

  /** A simulated container is what the pod's status says of it, also after this process has ended and started again. */
  async find(pod: DeepReadonly<Pod>): Promise<RuntimePod | undefined> {
    const known = rememberedContainers(pod);
    if (known.length === 0) return undefined;
    const id = uidOf(pod);
    const ips = pod.spec?.hostNetwork === true ? [] : (pod.status?.podIPs ?? []).map(({ ip }) => ip);
    const isUp = !isPodTerminal(pod);
    if (isUp) this.#addresses.keep(ips);
    const sandbox: SimulatedSandbox = { pod, ips, containers: [], isUp };
    this.#sandboxes.set(id, sandbox);
    const containers = known.map(({ exit, image: name, imageRef, ...container }) => {
      const { startedAt } = container;
      const made = Object.assign(this.#newContainer(sandbox, container), { startedAt, readyAt: startedAt, exit });
      if (exit === undefined) this.#scheduleExit(made);
      const image = { name, ref: imageRef, sizeBytes: this.#deps.catalogue(name).sizeBytes };
      this.#images.set(name, image);
      return { ...container, image, ...(exit === undefined ? {} : { exit }) };
    });
    return { ...(isUp ? { sandbox: { id, ips } } : {}), containers };
  }

  async imageStatus(image: string): Promise<RuntimeImage | undefined> {
    return this.#images.get(this.#deps.catalogue(image).name);
  }

  async pullImage(image: string, { pod }: { readonly pod: DeepReadonly<Pod> }): Promise<RuntimeImage> {
    const found = this.#deps.catalogue(image);
    const container = containersOf(pod).find((one) => one.image === image);
    // Annotations that cannot be read are told when the container is made.
    const { pull } = this.#behaviour(pod, container ?? { name: "", image }, plain);
    await this.#wait(pull.delay);
    if (pull.error !== undefined) throw new RuntimeError(pull.error.replaceAll("${image}", found.name));
    if (this.#images.size < mostImages) this.#images.set(found.name, found);
    return found;
  }

  images(): readonly RuntimeImage[] {
    return [...this.#images.values()].toSorted((left, right) => right.sizeBytes - left.sizeBytes);
  }

  async createSandbox(pod: DeepReadonly<Pod>): Promise<Sandbox> {
    const id = uidOf(pod);
    const before = this.#sandboxes.get(id);
    const ips = pod.spec?.hostNetwork === true ? [] : this.#addresses.take();
    if (before === undefined) this.#sandboxes.set(id, { pod, ips, containers: [], isUp: true });
    else Object.assign(before, { pod, ips, isUp: true });
    return { id, ips };
  }

  async stopSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox === undefined || !sandbox.isUp) return;
    for (const container of sandbox.containers) this.#end(container, { exitCode: killed, reason: "Error" });
    sandbox.isUp = false;
    this.#addresses.give(sandbox.ips);
  }

  async removeSandbox(sandboxId: string): Promise<void> {
    await this.stopSandbox(sandboxId);
    for (const { id } of this.#sandboxes.get(sandboxId)?.containers ?? []) this.#containers.delete(id);
    this.#sandboxes.delete(sandboxId);
  }

  async updatePod(sandboxId: string, pod: DeepReadonly<Pod>): Promise<void> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox !== undefined) sandbox.pod = pod;
  }

  async createContainer(sandboxId: string, { container }: ContainerConfig): Promise<string> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox === undefined)
      throw new RuntimeError(`failed to find sandbox id ${JSON.stringify(sandboxId)}: not found`);
    const { random } = this.#deps;
    const id = `${random.uuid()}${random.uuid()}`.replaceAll("-", "");
    // The runs before the last are forgotten.
    const older = sandbox.containers.findIndex(({ name }) => name === container.name);
    if (older >= 0) this.#forget(sandbox, older);
    this.#newContainer(sandbox, { id, name: container.name });
    return id;
  }

  async startContainer(containerId: string): Promise<number> {
    const container = this.#container(containerId);
    const { start, ready } = container.behaviour;
    const readyMs = this.#chosen(ready.delay);
    const hasProbe = specOf(container)?.readinessProbe !== undefined;
    await this.#wait(start.delay);
    // Without a probe that would find it not ready, the start itself takes so long.
    if (!hasProbe) await this.#wait({ ms: readyMs, jitterMs: 0 });
    const now = this.#deps.clock.now();
    if (start.error !== undefined) throw new RuntimeError(start.error);
    container.startedAt = now;
    container.readyAt = hasProbe ? now + readyMs : now;
    this.#scheduleExit(container);
    return now;
  }

  async stopContainer(containerId: string, graceMs: number): Promise<void> {
    const container = this.#containers.get(containerId);
    if (container === undefined || container.exit !== undefined || container.startedAt === undefined) return;
    const now = this.#deps.clock.now();
    const { stop: rule } = container.behaviour;
    const stop = (container.stop ??= { endsAt: now + this.#chosen(rule.delay), waiting: [] });
    const isKilled = stop.endsAt > now + graceMs;
    const exit = isKilled
      ? { exitCode: killed, reason: "Error" }
      : { exitCode: rule.code, reason: reasonOf(rule.code) };
    const ms = Math.max(Math.min(stop.endsAt - now, graceMs), 0);
    if (ms === 0) {
      this.#end(container, exit);
      return;
    }
    await new Promise<void>((resolve) => {
      stop.waiting.push(resolve);
      this.#later(container, ms, () => this.#end(container, exit));
    });
  }

  async removeContainer(containerId: string): Promise<void> {
    const container = this.#containers.get(containerId);
    const index = container?.sandbox.containers.indexOf(container) ?? -1;
    if (container !== undefined && index >= 0) this.#forget(container.sandbox, index);
  }

  async probe(...[containerId, kind]: Parameters<Runtime["probe"]>): ReturnType<Runtime["probe"]> {
    const { behaviour, startedAt = 0, readyAt } = this.#container(containerId);
    return healthOf(behaviour, { kind, startedAt, readyAt, now: this.#deps.clock.now() });
  }

  async runHook(): Promise<void> {}

  stats(podUid?: string): readonly ContainerStats[] {
    const at = this.#deps.clock.now();
    const stats: ContainerStats[] = [];
    const own = podUid === undefined ? this.#containers.values() : (this.#sandboxes.get(podUid)?.containers ?? []);
    for (const container of own) {
      const { id, name, startedAt, exit, sandbox } = container;
      const spec = specOf(container);
      if (startedAt === undefined || exit !== undefined || spec === undefined) continue;
      // Annotations count as they are now: to see an autoscaler work.
      const behaviour = this.#behaviour(sandbox.pod, spec, container.behaviour);
      const { cpuNanoCores, memoryBytes } = usageOf(behaviour, { id, container: spec, at });
      const cpuNanoSeconds = (BigInt(cpuNanoCores) * BigInt(Math.max(at - startedAt, 0))) / 1000n;
      stats.push({
        ...{ containerId: id, podUid: uidOf(sandbox.pod), name, at, startedAt },
        ...{ cpuNanoCores, cpuNanoSeconds, memoryWorkingSetBytes: memoryBytes },
      });
    }
    return stats;
  }

  async *logs(containerId: string, options: LogOptions): AsyncGenerator<LogLine, void, undefined> {
    const { clock } = this.#deps;
    const container = this.#container(containerId);
    const { startedAt, sandbox, name, behaviour } = container;
    if (startedAt === undefined) return;
    const { namespace = "", name: podName = "" } = sandbox.pod.metadata ?? {};
    const logging = {
      log: behaviour.log,
      greeting: `simulated container ${name} of pod ${namespace}/${podName} started`,
      startedAt,
    };
    let seen = (options.since ?? startedAt) - 1;
    for (let isFirst = true; ; isFirst = false) {
      const until = Math.min(container.exit?.finishedAt ?? Infinity, clock.now());
      const lines = linesBetween(logging, seen, until);
      yield* isFirst && options.tailLines !== undefined
        ? lines.slice(Math.max(lines.length - options.tailLines, 0))
        : lines;
      seen = until;
      if (!options.follow || container.exit !== undefined || options.signal.aborted) return;
      const next = nextLineAt(logging, until);
      await this.#nextLine(container, next === undefined ? undefined : next - until, options.signal);
    }
  }

  async exec(): Promise<never> {
    throw new RuntimeError("simulated containers run no commands");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { cancel } of this.#containers.values()) cancel?.();
    for (const cancel of this.#waits) cancel();
    this.#waits.clear();
  }

  #container(id: string): SimulatedContainer {
    const container = this.#containers.get(id);
    if (container === undefined)
      throw new RuntimeError(`an error occurred when try to find container ${JSON.stringify(id)}: not found`);
    return container;
  }

  #newContainer(
    sandbox: SimulatedSandbox,
    { id, name }: { readonly id: string; readonly name: string },
  ): SimulatedContainer {
    const spec = containersOf(sandbox.pod).find((one) => one.name === name) ?? { name };
    const container: SimulatedContainer = {
      ...{ id, sandbox, name, behaviour: this.#behaviour(sandbox.pod, spec) },
      ...{ startedAt: undefined, readyAt: 0, exit: undefined, cancel: undefined, stop: undefined },
    };
    sandbox.containers.push(container);
    this.#containers.set(id, container);
    return container;
  }

  /** Where annotations cannot be read any more, it goes on as it was. */
  #behaviour(pod: DeepReadonly<Pod>, container: DeepReadonly<Container>, fallback?: Behaviour): Behaviour {
    const { nodeName, rules } = this.#deps;
    try {
      return behaviourOf({ nodeName, pod, container }, rules);
    } catch (thrown) {
      if (fallback !== undefined && thrown instanceof RuntimeError) return fallback;
      throw thrown;
    }
  }

  #forget(sandbox: SimulatedSandbox, index: number): void {
    const [container] = sandbox.containers.splice(index, 1);
    if (container === undefined) return;
    container.cancel?.();
    this.#containers.delete(container.id);
  }

  #scheduleExit(container: SimulatedContainer): void {
    const { behaviour, startedAt = 0 } = container;
    if (behaviour.exit === undefined) return;
    const { after, code, reason = reasonOf(code), message } = behaviour.exit;
    const ms = startedAt + this.#chosen(after) - this.#deps.clock.now();
    const exit = { exitCode: code, reason, ...(message === undefined ? {} : { message }) };
    this.#later(container, Math.max(ms, 0), () => this.#end(container, exit));
  }

  #later(container: SimulatedContainer, ms: number, call: () => void): void {
    container.cancel?.();
    container.cancel = this.#deps.clock.after(ms, call);
  }

  #end(container: SimulatedContainer, exit: Omit<ContainerExit, "finishedAt">): void {
    if (container.exit !== undefined || container.startedAt === undefined) return;
    container.cancel?.();
    container.cancel = undefined;
    container.exit = { ...exit, finishedAt: this.#deps.clock.now() };
    const podUid = uidOf(container.sandbox.pod);
    this.#listener({ type: "exited", podUid, containerId: container.id, exit: container.exit });
    for (const resolve of container.stop?.waiting ?? []) resolve();
    container.stop = undefined;
  }

  #chosen({ ms, jitterMs }: Delay): number {
    return jitterMs === 0 ? ms : ms + this.#deps.random.integer(jitterMs + 1);
  }

  /** Who waits when the runtime is disposed of is not called back any more. */
  #wait(delay: Delay): Promise<void> | undefined {
    const ms = this.#chosen(delay);
    if (ms === 0) return undefined;
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, () => {
        this.#waits.delete(cancel);
        resolve();
      });
      this.#waits.add(cancel);
    });
  }

  /** Until then, or until the container has ended, or nobody listens any more. */
  #nextLine(container: SimulatedContainer, ms: number | undefined, signal: AbortSignal): Promise<void> {
    const longest = 1000;
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        this.#waits.delete(cancel);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const cancel = this.#deps.clock.after(Math.min(ms ?? longest, longest), finish);
      this.#waits.add(cancel);
      signal.addEventListener("abort", finish, { once: true });
      if (container.exit !== undefined) finish();
    });
  }
}

function uidOf({ metadata }: DeepReadonly<Pod>): string {
  return metadata?.uid ?? "";
}

function containersOf({ spec }: DeepReadonly<Pod>): readonly DeepReadonly<Container>[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec ?? {};
  return [...initContainers, ...containers, ...(ephemeralContainers as readonly DeepReadonly<Container>[])];
}

function specOf({ sandbox, name }: SimulatedContainer): DeepReadonly<Container> | undefined {
  return containersOf(sandbox.pod).find((one) => one.name === name);
}

function reasonOf(exitCode: number): string {
  return exitCode === 0 ? "Completed" : "Error";
}
