import type { Container } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ProbeKind } from "../runtime/runtime.ts";
import type { NodeContext } from "./node-context.ts";
import type { AnyPod, ContainerRecord, Run } from "./observed.ts";
import { afterProbe, firstProbe, type ProbeState } from "./probe-state.ts";

interface Probing {
  /** The run that is probed; another begins anew. */
  readonly runId: string;
  readonly state: ProbeState;
  readonly isAsked: boolean;
}

export interface ProbeListener {
  /** When to ask again. */
  wakeBy(at: number): void;
  /** What takes its time. */
  begin(what: string, work: Promise<void>): void;
  /** Undefined: no threshold is reached so far. */
  probed(container: string, runId: string, kind: ProbeKind, result: boolean | undefined): void;
}

/** The probes of a pod's containers. Where there are none this costs nothing. */
export class PodProbes {
  readonly #context: NodeContext;
  readonly #listener: ProbeListener;
  /** By container and kind. */
  #probes: Map<string, Probing> | undefined;

  constructor(context: NodeContext, listener: ProbeListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** Asks those that are due. */
  ask(pod: AnyPod, containers: ReadonlyMap<string, ContainerRecord>): void {
    const { initContainers = [], containers: mains = [] } = pod.spec ?? {};
    for (const list of [initContainers, mains])
      for (const container of list) {
        const run = containers.get(container.name)?.run;
        if (run === undefined || run.exit !== undefined || run.condemned !== undefined) continue;
        const kinds: readonly ProbeKind[] = run.isStarted ? ["liveness", "readiness"] : ["startup"];
        for (const kind of kinds) this.#askOne(kind, { pod, container, run });
      }
  }

  /** The runtime says that answers are different from now on. */
  askAgain(runId: string): void {
    const nextAt = this.#context.clock.now();
    for (const [key, probing] of this.#probes ?? [])
      if (probing.runId === runId) this.#probes?.set(key, { ...probing, state: { ...probing.state, nextAt } });
  }

  #askOne(
    kind: ProbeKind,
    { pod, container, run }: { readonly pod: AnyPod; readonly container: DeepReadonly<Container>; readonly run: Run },
  ): void {
    const probe = container[`${kind}Probe`];
    if (probe === undefined) return;
    const { clock, runtime, tell } = this.#context;
    const key = `${container.name} ${kind}`;
    const probes = (this.#probes ??= new Map());
    const known = probes.get(key);
    const state = known?.runId === run.id ? known.state : firstProbe(probe, run.startedAt);
    if (known?.runId === run.id && known.isAsked) return;
    if (state.nextAt > clock.now()) {
      this.#listener.wakeBy(state.nextAt);
      return;
    }
    probes.set(key, { runId: run.id, state, isAsked: true });
    const ask = async (): Promise<void> => {
      const answer = await runtime.probe(run.id, kind, probe);
      if (probes.get(key)?.runId !== run.id) return;
      const after = afterProbe(state, { kind, probe, answer, now: clock.now() });
      probes.set(key, { runId: run.id, state: after, isAsked: false });
      this.#listener.probed(container.name, run.id, kind, after.result);
      if (answer.isHealthy) return;
      const message = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe failed: ${answer.output}`;
      tell?.(pod, { type: "Warning", reason: "Unhealthy", message, container: container.name });
    };
    this.#listener.begin(key, ask());
  }
}
