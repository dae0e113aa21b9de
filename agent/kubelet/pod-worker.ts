import { mayRestart } from "../../api/core/container-restarts.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Container } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { ContainerExit, ProbeKind } from "../runtime/runtime.ts";
import { admissionFailure, requestsOf } from "./admission.ts";
import {
  type AnyPod,
  type ContainerRecord,
  type Failure,
  isRunning,
  noRecord,
  type Observed,
  type Run,
} from "./observed.ts";
import { heldWaiting } from "./held-waiting.ts";
import type { NodeContext } from "./node-context.ts";
import { plan, type Step } from "./plan.ts";
import { PodProbes } from "./pod-probes.ts";
import { PodResize } from "./pod-resize.ts";
import { recover } from "./recover.ts";
import { StartAttempts } from "./start-attempts.ts";
import { startContainer, StartFailure } from "./start-container.ts";
import { podLabel } from "./pod-label.ts";
import { deletePod, writeStatus } from "./pod-writes.ts";
import { stopContainer } from "./stop-container.ts";
import { podStatus } from "./status/pod-status.ts";
import { WakeTimer } from "./wake-timer.ts";

/** What happens within so long of each other is told in one status. */
const settleMs = 50;
/** Of pods that are deleted by force. */
const forcedGraceMs = 1_000;
const deadlineExceeded: Failure = {
  reason: "DeadlineExceeded",
  message: "Pod was active on the node longer than the specified deadline",
  isRejection: false,
};

/**
 * Brings one pod to where its spec wants it, and tells the API how it is. It keeps what it has seen; `reconcile` looks at
 * it as a whole, begins what is to do next and waits for nothing but the API: whatever takes time wakes it when done.
 */
export class PodWorker {
  readonly uid: string;
  readonly #context: NodeContext;
  /** The newest that the API has told, by a watch or in answer to a write. */
  #pod: AnyPod;
  #writtenRevision: string | undefined;
  readonly #seenAt: number;
  #isAdmitted = false;
  #sandbox: Observed["sandbox"] = "absent";
  #ips: readonly string[] = [];
  readonly #containers = new Map<string, ContainerRecord>();
  /** A sandbox ("") or container that is on its way. */
  #starting: string | undefined;
  /** What is on its way is no more than an image: a pod that ends need not wait for it. */
  #isPulling = false;
  #stopping: Set<string> | undefined;
  /** Of what ended before anybody had said that it started. */
  #exitsAhead: Map<string, ContainerExit> | undefined;
  readonly #attempts = new StartAttempts();
  readonly #probes: PodProbes;
  readonly #resize: PodResize;
  readonly #timer: WakeTimer;
  #failure: Failure | undefined;
  #isEnding = false;
  #endsAt = 0;
  /** The API has it no more. */
  #isGone = false;
  #isDeletionAsked = false;
  #unsettledSince: number | undefined;

  constructor(pod: AnyPod, context: NodeContext) {
    this.#context = context;
    this.#pod = pod;
    this.uid = pod.metadata?.uid ?? "";
    this.#seenAt = timeMillis(pod.status?.startTime) ?? context.clock.now();
    this.#timer = new WakeTimer(context.clock, () => context.wake(this.uid));
    this.#resize = new PodResize(this.uid, context);
    this.#probes = new PodProbes(context, {
      wakeBy: (at) => this.#timer.by(at),
      begin: (what, work) => this.#begin(what, work),
      probed: (name, runId, kind, result) => this.#probed(name, runId, { kind, result }),
    });
  }

  /** The newest run of a container, for logs; with `previous` the one before. */
  containerId(name: string, previous = false): string | undefined {
    const { run, last } = this.#record(name);
    return (previous ? last : run)?.id;
  }

  /** Finds what the runtime has of it from before this kubelet began. */
  async recover(): Promise<void> {
    const found = await recover(this.#pod, this.#context.runtime);
    if (found === undefined) return;
    this.#sandbox = found.sandbox === undefined ? "stopped" : "ready";
    this.#ips = found.sandbox?.ips ?? [];
    for (const [name, record] of found.containers) this.#containers.set(name, record);
    this.#isAdmitted = true;
    if (isPodTerminal(this.#pod)) this.#isEnding = true;
    else this.#context.allotment.give(this.uid, requestsOf(this.#pod));
  }

  /** The API tells of it anew. */
  changed(pod: AnyPod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (pod.metadata?.resourceVersion === this.#writtenRevision) return;
    if (this.#sandbox === "ready") this.#begin("update", this.#context.runtime.updatePod(this.uid, pod));
    if (before.metadata?.generation !== pod.metadata?.generation) {
      // What could not be started may have got another image.
      this.#attempts.forgetFailures();
      if (this.#isAdmitted) this.#resize.respecified(before);
    }
    this.#hasten();
    this.#context.wake(this.uid);
  }

  /** The API has it no more, whether it had ended or not. */
  gone(): void {
    this.#isGone = true;
    this.#endWithin(forcedGraceMs);
    this.#hasten();
    this.#context.wake(this.uid);
  }

  exited(containerId: string, exit: ContainerExit): void {
    for (const [name, { waiting: _, ...record }] of this.#containers) {
      const { run } = record;
      if (run?.id !== containerId || run.exit !== undefined) continue;
      this.#containers.set(name, { ...record, run: { ...run, exit, isReady: false, isStarted: false } });
      this.#context.wake(this.uid);
      return;
    }
    if (this.#starting !== undefined) (this.#exitsAhead ??= new Map()).set(containerId, exit);
  }

  probesChanged(containerId: string): void {
    this.#probes.askAgain(containerId);
    this.#context.wake(this.uid);
  }

  dispose(): void {
    this.#timer.cancel();
  }

  async reconcile(): Promise<void> {
    this.#timer.reset();
    if (!this.#isAdmitted) this.#admit();
    if (this.#pod.metadata?.deletionTimestamp !== undefined) this.#endWithin(this.#graceMs());
    this.#watchDeadline();
    if (!this.#isEnding) {
      for (const name of this.#resize.attempt(this.#pod)) this.#condemn(name, "resize");
      this.#probes.ask(this.#pod, this.#containers);
    }
    const wasEnding = this.#isEnding;
    for (const step of this.#plan()) this.#take(step);
    if (this.#isEnding !== wasEnding) for (const step of this.#plan()) this.#take(step);
    if (this.#isOver()) this.#context.allotment.take(this.uid);
    if (!this.#isUnsettled()) {
      await this.#report();
      await this.#finish();
    }
    this.#timer.set();
  }

  #admit(): void {
    this.#isAdmitted = true;
    const { allotment, tell, node } = this.#context;
    if (isPodTerminal(this.#pod)) {
      this.#isEnding = true;
      return;
    }
    const requests = requestsOf(this.#pod);
    const failure = admissionFailure(this.#pod, { node: node(), allotment, requests });
    if (failure === undefined) {
      allotment.give(this.uid, requests);
      return;
    }
    this.#failure = failure;
    this.#isEnding = true;
    tell?.(this.#pod, { type: "Warning", reason: failure.reason, message: failure.message });
  }

  #watchDeadline(): void {
    const seconds = this.#pod.spec?.activeDeadlineSeconds;
    if (seconds === undefined || this.#isEnding) return;
    const deadline = this.#seenAt + seconds * 1000;
    if (this.#context.clock.now() < deadline) {
      this.#timer.by(deadline);
      return;
    }
    this.#failure = deadlineExceeded;
    const { reason, message } = deadlineExceeded;
    this.#context.tell?.(this.#pod, { type: "Normal", reason, message });
    this.#endWithin(this.#graceMs());
  }

  #plan(): readonly Step[] {
    return plan({
      pod: this.#pod,
      sandbox: this.#sandbox,
      containers: this.#containers,
      isEnding: this.#isEnding,
      isStarting: this.#isStarting(),
      isStopping: (name) => this.#stopping?.has(name) === true,
      heldUntil: (name) => this.#attempts.heldUntil(name, this.#record(name).run?.exit),
      now: this.#context.clock.now(),
    });
  }

  #take(step: Step): void {
    switch (step.do) {
      case "create sandbox":
        this.#starting = "";
        this.#begin("sandbox", this.#createSandbox());
        return;
      case "start":
        this.#starting = step.container;
        this.#begin(step.container, this.#start(step.container));
        return;
      case "hold":
        this.#timer.by(step.until);
        this.#showHeld(step.container);
        return;
      case "stop":
        this.#begin(
          step.container,
          this.#whileStopping(step.container, () => this.#stop(step.container, step.why)),
        );
        return;
      case "stop sandbox":
        this.#begin(
          "sandbox",
          this.#whileStopping("", () => this.#stopSandbox()),
        );
        return;
      case "end":
        this.#endWithin(this.#graceMs());
        return;
    }
  }

  /** What takes time: it wakes the pod when it is done. */
  #begin(what: string, work: Promise<unknown>): void {
    const { log, wake } = this.#context;
    this.#unsettledSince = undefined;
    work
      .catch((error: unknown) => log.warn("a pod could not be served", { pod: podLabel(this.#pod), what, error }))
      .finally(() => wake(this.uid));
  }

  async #createSandbox(): Promise<void> {
    const { runtime, clock, tell, addressable } = this.#context;
    try {
      await addressable();
      if (this.#isEnding) return;
      const { ips } = await runtime.createSandbox(this.#pod);
      this.#sandbox = "ready";
      this.#ips = ips;
      this.#attempts.succeeded("");
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      this.#attempts.failed("", error, clock.now());
      tell?.(this.#pod, {
        type: "Warning",
        reason: "FailedCreatePodSandBox",
        message: `Failed to create pod sandbox: ${error}`,
      });
    } finally {
      this.#starting = undefined;
    }
  }

  async #stopSandbox(): Promise<void> {
    await this.#context.runtime.stopSandbox(this.uid);
    this.#sandbox = "stopped";
  }

  async #start(name: string): Promise<void> {
    const { run: before } = this.#record(name);
    if (before?.exit !== undefined) this.#attempts.again(name, before.exit, this.#context.clock.now());
    try {
      const container = this.#spec(name);
      if (container === undefined) return;
      await startContainer({
        ...{ context: this.#context, pod: this.#pod, container, sandboxId: this.uid },
        attempt: before === undefined ? 0 : before.attempt + 1,
        isEnding: () => this.#isEnding,
        pulling: (isPulling) => (this.#isPulling = isPulling),
        running: (run) => this.#running(name, run),
      });
      this.#attempts.succeeded(name);
      if (container.startupProbe === undefined) this.#changeRun(name, { isStarted: true });
    } catch (thrown) {
      if (!(thrown instanceof StartFailure)) throw thrown;
      this.#failedToStart(name, thrown);
    } finally {
      this.#starting = undefined;
    }
  }

  #running(name: string, run: Run): void {
    const { run: before } = this.#record(name);
    const exit = run.exit ?? this.#exitsAhead?.get(run.id);
    this.#exitsAhead = undefined;
    this.#containers.set(name, {
      run: exit === undefined ? run : { ...run, exit },
      ...(before?.exit === undefined ? {} : { last: before }),
    });
  }

  #failedToStart(name: string, { reason, message, isRun }: StartFailure): void {
    const record = this.#record(name);
    const exit = isRun ? record.run?.exit : undefined;
    if (exit === undefined) this.#attempts.failed(name, `${reason}: ${message}`, this.#context.clock.now());
    // What ran, if only to fail, and does not start again has simply ended.
    const container = this.#spec(name);
    const { spec } = this.#pod;
    const isLast =
      exit !== undefined &&
      container !== undefined &&
      spec !== undefined &&
      !mayRestart(container, spec, exit.exitCode);
    if (!isLast) this.#containers.set(name, { ...record, waiting: { reason, message } });
  }

  /** What people see while a container waits for its next try. */
  #showHeld(name: string): void {
    const { clock, tell } = this.#context;
    const record = this.#record(name);
    const failure = this.#attempts.failure(name);
    const shown = heldWaiting(record.waiting, {
      ...{ name, failure, pod: this.#pod, image: this.#spec(name)?.image ?? "" },
      ...{ crashDelayMs: this.#attempts.crashDelay(name), now: clock.now() },
    });
    if (shown === undefined) return;
    if ("after" in shown) {
      this.#timer.by(shown.after);
      return;
    }
    this.#containers.set(name, { ...record, waiting: shown.waiting });
    for (const event of shown.events) tell?.(this.#pod, { ...event, container: name });
  }

  async #whileStopping(name: string, work: () => Promise<void>): Promise<void> {
    const stopping = (this.#stopping ??= new Set());
    stopping.add(name);
    try {
      await work();
    } finally {
      stopping.delete(name);
    }
  }

  async #stop(name: string, why: string): Promise<void> {
    const { run } = this.#record(name);
    const container = this.#spec(name);
    if (run === undefined || container === undefined) return;
    const { condemned } = run;
    const probe = condemned === "liveness" || condemned === "startup" ? container[`${condemned}Probe`] : undefined;
    const own = probe?.terminationGracePeriodSeconds;
    const condemnedUntil = this.#context.clock.now() + (own === undefined ? this.#graceMs() : own * 1000);
    await stopContainer({
      ...{ context: this.#context, pod: this.#pod, container, containerId: run.id, why },
      endsAt: () => (this.#isEnding ? this.#endsAt : condemnedUntil),
    });
  }

  #endWithin(ms: number): void {
    if (!this.#isEnding) this.#endsAt = this.#context.clock.now() + ms;
    this.#isEnding = true;
  }

  /** A second deletion may leave less time than the first. */
  #hasten(): void {
    if (!this.#isEnding) return;
    const { clock, runtime } = this.#context;
    const seconds = this.#isGone ? forcedGraceMs / 1000 : this.#pod.metadata?.deletionGracePeriodSeconds;
    const endsAt = seconds === undefined ? Infinity : clock.now() + seconds * 1000;
    if (endsAt >= this.#endsAt) return;
    this.#endsAt = endsAt;
    for (const name of this.#stopping ?? []) {
      const id = this.#record(name).run?.id;
      if (id !== undefined) this.#begin(name, runtime.stopContainer(id, endsAt - clock.now()));
    }
  }

  #graceMs(): number {
    const { metadata, spec } = this.#pod;
    return (metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  #probed(
    name: string,
    runId: string,
    { kind, result }: { readonly kind: ProbeKind; readonly result: boolean | undefined },
  ): void {
    const { run } = this.#record(name);
    if (run?.id !== runId || run.exit !== undefined || result === undefined) return;
    if (kind === "readiness") this.#changeRun(name, { isReady: result });
    else if (!result) this.#condemn(name, kind);
    else if (kind === "startup") this.#changeRun(name, { isStarted: true });
  }

  #condemn(name: string, why: NonNullable<Run["condemned"]>): void {
    this.#changeRun(name, { condemned: why });
  }

  /** Of what runs. */
  #changeRun(name: string, change: Partial<Run>): void {
    const record = this.#record(name);
    if (isRunning(record) && record.run !== undefined)
      this.#containers.set(name, { ...record, run: { ...record.run, ...change } });
  }

  #isStarting(): boolean {
    return this.#starting !== undefined && !(this.#isEnding && this.#isPulling);
  }

  /** Something is under way that may well be over soon: its outcome is worth waiting for. */
  #isUnsettled(): boolean {
    if (!this.#isStarting() && (this.#stopping?.size ?? 0) === 0) {
      this.#unsettledSince = undefined;
      return false;
    }
    const now = this.#context.clock.now();
    const since = (this.#unsettledSince ??= now);
    if (now < since + settleMs) {
      this.#timer.by(since + settleMs);
      return true;
    }
    this.#unsettledSince = undefined;
    return false;
  }

  #isOver(): boolean {
    if (!this.#isEnding || this.#isStarting() || this.#sandbox === "ready") return false;
    for (const record of this.#containers.values()) if (isRunning(record)) return false;
    return true;
  }

  async #report(): Promise<void> {
    const pod = this.#pod;
    // What has ended is told already.
    if (this.#isGone || (isPodTerminal(pod) && pod.metadata?.deletionTimestamp === undefined)) return;
    const { clock, runtime, hostIps } = this.#context;
    const observed: Observed = {
      sandbox: this.#sandbox,
      ips: this.#ips,
      containers: this.#containers,
      failure: this.#failure,
      isEnding: this.#isEnding,
      isOver: this.#isOver(),
      resources: this.#resize.given,
      resize: this.#isEnding ? undefined : this.#resize.condition,
    };
    const status = podStatus(pod, observed, { host: { ips: hostIps, runtimeName: runtime.name }, now: clock.now() });
    if (status === pod.status) return;
    const written = await writeStatus(this.#context.client, pod, status);
    if (written === undefined) return;
    this.#writtenRevision = written.metadata?.resourceVersion;
    // The watch may have been faster.
    if (this.#pod === pod) this.#pod = written;
  }

  /** When nothing of it is left, the API is told that it may forget it. */
  async #finish(): Promise<void> {
    if (!this.#isOver()) return;
    const { client, runtime, forget } = this.#context;
    if (this.#isGone) {
      await runtime.removeSandbox(this.uid);
      this.dispose();
      forget(this.uid);
    } else if (this.#pod.metadata?.deletionTimestamp !== undefined && !this.#isDeletionAsked) {
      await deletePod(client, this.#pod);
      this.#isDeletionAsked = true;
    }
  }

  #record(name: string): ContainerRecord {
    return this.#containers.get(name) ?? noRecord;
  }

  #spec(name: string): DeepReadonly<Container> | undefined {
    const { initContainers = [], containers = [], ephemeralContainers = [] } = this.#pod.spec ?? {};
    const isIt = (one: { readonly name: string }): boolean => one.name === name;
    return (
      initContainers.find(isIt) ??
      containers.find(isIt) ??
      (ephemeralContainers.find(isIt) as DeepReadonly<Container> | undefined)
    );
  }
}
