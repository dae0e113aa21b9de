/** How a simulated container behaves. Times in milliseconds; each is lengthened by up to its jitter, by chance. */
export interface Behaviour {
  /** In an error `${image}` stands for the image's full name. */
  readonly pull: { readonly delay: Delay; readonly error?: string };
  readonly start: { readonly delay: Delay; readonly error?: string };
  /** From the start until it is ready: what its readiness probe finds, or else when it counts as started. */
  readonly ready: { readonly delay: Delay };
  /** Undefined: it runs until it is stopped. */
  readonly exit: Exit | undefined;
  /** Its liveness, readiness and startup probes fail, from so long after the start on. */
  readonly unhealthy?: { readonly after: number; readonly for?: number; readonly probes: readonly string[] };
  /** After SIGTERM. Longer than the grace: it is killed, with exit code 137. */
  readonly stop: { readonly delay: Delay; readonly code: number };
  readonly usage: {
    /** Billionths of a core; absent: half of what it requests. */
    readonly cpuNanoCores?: number;
    /** Absent: seven tenths of what it requests. */
    readonly memoryBytes?: number;
    /** In hundredths, up and down. */
    readonly variation: number;
  };
  readonly log: {
    readonly lines?: readonly string[];
    /** Written again and again. */
    readonly every?: { readonly ms: number; readonly line: string };
  };
}

export interface Exit {
  readonly after: Delay;
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface Delay {
  readonly ms: number;
  readonly jitterMs: number;
}

/** The parts of a behaviour that a rule sets; what it leaves out is as it was. */
export type Change = Partial<Behaviour>;

export const none: Delay = { ms: 0, jitterMs: 0 };

/** Of containers that no rule says anything about. */
export const plain: Behaviour = {
  pull: { delay: none },
  start: { delay: none },
  ready: { delay: none },
  exit: undefined,
  stop: { delay: none, code: 0 },
  usage: { variation: 10 },
  log: {},
};
/** Jobs' containers: what is to end does so, soon. */
export const plainJob: Behaviour = { ...plain, exit: { after: { ms: 1000, jitterMs: 0 }, code: 0 } };
/** Init containers. */
export const plainInit: Behaviour = { ...plain, exit: { after: none, code: 0 } };
