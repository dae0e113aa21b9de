import type { Container, Pod, Probe, LifecycleHandler } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/**
 * What runs containers on one machine: CRI's model (sandboxes that hold containers, images, events), as narrow as the
 * kubelet needs it. Calls may take long; the kubelet goes on meanwhile, and never calls twice for the same container at
 * once, but for `stopContainer`. What fails throws a RuntimeError. Times are milliseconds of the cluster's clock.
 * https://kubernetes.io/docs/concepts/architecture/cri/
 */
export interface Runtime extends AsyncDisposable {
  /** The scheme of container IDs: `containerd`. */
  readonly name: string;
  readonly version: string;
  /** Where sandboxes get their addresses from: networks such as `10.244.1.0/24`. Sandboxes that are there keep theirs. */
  setPodRanges(ranges: readonly string[]): void;
  /** Told of what happens by itself. Returns what ends it. */
  onEvent(listener: (event: RuntimeEvent) => void): () => void;

  /** What is there already of a pod that this kubelet sees for the first time; undefined when nothing is. */
  find(pod: DeepReadonly<Pod>): Promise<RuntimePod | undefined>;

  /** Undefined when it is not on this machine. */
  imageStatus(image: string): Promise<RuntimeImage | undefined>;
  pullImage(image: string, options: PullOptions): Promise<RuntimeImage>;
  /** All images on this machine, the largest first. */
  images(): readonly RuntimeImage[];

  createSandbox(pod: DeepReadonly<Pod>): Promise<Sandbox>;
  /** Ends what still runs in it, at once, and gives its addresses back. */
  stopSandbox(sandboxId: string): Promise<void>;
  /** With all its containers; their logs are gone. */
  removeSandbox(sandboxId: string): Promise<void>;
  /** The pod was changed: its containers get the resources that it has now. */
  updatePod(sandboxId: string, pod: DeepReadonly<Pod>): Promise<void>;

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** When it has started. */
  startContainer(containerId: string): Promise<number>;
  /** Resolves when it has ended: by itself after SIGTERM, or killed when the grace is over. Again with less grace hastens it. */
  stopContainer(containerId: string, graceMs: number): Promise<void>;
  removeContainer(containerId: string): Promise<void>;

  probe(containerId: string, kind: ProbeKind, probe: DeepReadonly<Probe>): Promise<ProbeAnswer>;
  /** postStart and preStop, other than `sleep`. */
  runHook(containerId: string, hook: DeepReadonly<LifecycleHandler>): Promise<void>;

  /** Of all containers that run, or of one pod's. */
  stats(podUid?: string): readonly ContainerStats[];
  /** Ends at the end of the log, or with `follow` when the container ends or the signal is aborted. */
  logs(containerId: string, options: LogOptions): AsyncIterable<LogLine>;
  exec(containerId: string, options: ExecOptions): Promise<ExecStreams>;
}

/** Something the runtime could not do; the message is what people read on the pod. */
export class RuntimeError extends Error {
  /** Why a container waits, where that is not plain from what failed: `RegistryUnavailable`. */
  readonly reason: string | undefined;

  constructor(message: string, reason?: string) {
    super(message);
    this.name = "RuntimeError";
    this.reason = reason;
  }
}

export type RuntimeEvent =
  | { readonly type: "exited"; readonly podUid: string; readonly containerId: string; readonly exit: ContainerExit }
  /** Its probes may be answered otherwise than was said. */
  | { readonly type: "probes"; readonly podUid: string; readonly containerId: string };

export interface ContainerExit {
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`. */
  readonly reason: string;
  readonly message?: string;
  readonly finishedAt: number;
}

export interface RuntimeImage {
  /** In full: `docker.io/library/nginx:latest`. */
  readonly name: string;
  /** With its digest: what a container's `imageID` tells. */
  readonly ref: string;
  readonly sizeBytes: number;
}

export interface PullOptions {
  readonly pod: DeepReadonly<Pod>;
  /** `imagePullSecrets` that were found: user names and passwords to try, by registry. */
  readonly credentials?: readonly {
    readonly registry: string;
    readonly username: string;
    readonly password: string;
  }[];
}

export interface Sandbox {
  readonly id: string;
  /** None for pods in the host's network. */
  readonly ips: readonly string[];
}

export interface ContainerConfig {
  readonly pod: DeepReadonly<Pod>;
  readonly container: DeepReadonly<Container>;
  readonly image: RuntimeImage;
  /** How often it was started before. */
  readonly attempt: number;
}

export interface RuntimePod {
  /** Absent when it is there no more. */
  readonly sandbox?: Sandbox;
  /** The newest of each name. */
  readonly containers: readonly RuntimeContainer[];
}

export interface RuntimeContainer {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly image: RuntimeImage;
  readonly startedAt: number;
  readonly exit?: ContainerExit;
}

export type ProbeKind = "startup" | "liveness" | "readiness";

export interface ProbeAnswer {
  readonly isHealthy: boolean;
  /** What the probe said; for people. */
  readonly output: string;
  /** Every answer before this time is the same, so that nobody need ask. Absent: the next may differ. */
  readonly until?: number;
}

/** What a container uses; `at` is when it was measured. */
export interface ContainerStats {
  readonly containerId: string;
  readonly podUid: string;
  readonly name: string;
  readonly at: number;
  readonly startedAt: number;
  /** Billionths of a core, of late. */
  readonly cpuNanoCores: number;
  /** Since it was started. */
  readonly cpuNanoSeconds: bigint;
  readonly memoryWorkingSetBytes: number;
}

export interface LogOptions {
  /** Not what was written before. */
  readonly since?: number;
  readonly tailLines?: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogLine {
  readonly at: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly signal: AbortSignal;
}

export interface ExecStreams {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  /** One with stdout where there is a terminal. */
  readonly stderr?: NodeJS.ReadableStream;
  readonly exitCode: Promise<number>;
  resize(columns: number, rows: number): void;
}
