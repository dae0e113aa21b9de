import type { Lease, LeaseSpec } from "../api/generated/types/coordination-v1.ts";
import { ApiError } from "../api/machinery/status.ts";
import { formatMicroTime } from "../api/machinery/time.ts";
import type { Transport } from "../api/wire.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { call, type Call } from "./call.ts";

export interface LeaseLockDeps {
  readonly transport: Transport;
  readonly userAgent?: string;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One candidate's view of a Lease. */
export class LeaseLock {
  readonly #deps: LeaseLockDeps;
  /** As it was seen last. */
  #lease: Lease | undefined;
  /** Nobody has renewed it for as long as it lasts, by a timer of our own: clocks may be wrong, and be set. */
  #hasRunOut = true;
  #cancelTimer: () => void = () => undefined;

  constructor(deps: LeaseLockDeps) {
    this.#deps = deps;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  get isMine(): boolean {
    return this.#lease?.spec?.holderIdentity === this.#deps.identity;
  }

  get named(): { readonly lease: string } {
    return { lease: `${this.#deps.namespace}/${this.#deps.name}` };
  }

  /** Takes the lease if it is free, renews it if it is ours. `failed`: nobody knows. */
  async tryToHold(signal: AbortSignal): Promise<"held" | "others" | "failed"> {
    try {
      if (this.#lease !== undefined && this.isMine && !this.#hasRunOut && (await this.#renew(this.#lease, signal)))
        return "held";
      const lease = await this.#read(signal);
      if (lease === undefined) this.#observe(await this.#create(signal));
      else {
        if (JSON.stringify(lease.spec) === JSON.stringify(this.#lease?.spec)) this.#lease = lease;
        else this.#observe(lease);
        if (this.#isOthers(lease)) return "others";
        this.#observe(await this.#write(lease, this.#specAfter(lease.spec ?? {}), signal));
      }
      return "held";
    } catch (thrown) {
      this.#deps.log.debug("failed to acquire lease", { ...this.named, error: String(thrown) });
      return "failed";
    }
  }

  /** Nothing where it is not ours. */
  async release(signal: AbortSignal): Promise<void> {
    if (this.#lease === undefined || !this.isMine) return;
    const { holderIdentity: _mine, ...spec } = this.#lease.spec ?? {};
    const now = formatMicroTime(this.#deps.clock.now());
    const released = { ...spec, leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    this.#observe(await this.#write(this.#lease, released, signal));
  }

  /** Stops the timer. */
  forget(): void {
    this.#cancelTimer();
  }

  #isOthers({ spec }: Lease): boolean {
    const holder = spec?.holderIdentity ?? "";
    return holder !== "" && holder !== this.#deps.identity && !this.#hasRunOut;
  }

  /** Without a look at it first: nobody else will have written it. */
  async #renew(lease: Lease, signal: AbortSignal): Promise<boolean> {
    try {
      this.#observe(await this.#write(lease, this.#specAfter(lease.spec ?? {}), signal));
      return true;
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof ApiError)) throw thrown;
      return false;
    }
  }

  #specAfter(spec: LeaseSpec): LeaseSpec {
    const { clock, identity, leaseMs } = this.#deps;
    const now = formatMicroTime(clock.now());
    const isMine = spec.holderIdentity === identity;
    return {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.round(leaseMs / 1000)),
      acquireTime: isMine ? (spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: isMine ? (spec.leaseTransitions ?? 0) : (spec.leaseTransitions ?? 0) + 1,
    };
  }

  #observe(lease: Lease): void {
    this.#lease = lease;
    this.#cancelTimer();
    this.#hasRunOut = false;
    const milliseconds = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
    this.#cancelTimer = this.#deps.clock.after(milliseconds, () => (this.#hasRunOut = true));
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#ask({ method: "GET", url: `${this.#url}/${this.#deps.name}`, signal });
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
      throw thrown;
    }
  }

  #create(signal: AbortSignal): Promise<Lease> {
    const { namespace, name } = this.#deps;
    const spec = { ...this.#specAfter({}), leaseTransitions: 0 };
    const body: Lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name }, spec };
    return this.#ask({ method: "POST", url: this.#url, body, signal });
  }

  #write(lease: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    return this.#ask({ method: "PUT", url: `${this.#url}/${this.#deps.name}`, body: { ...lease, spec }, signal });
  }

  #ask(what: Call): Promise<Lease> {
    const { transport, userAgent } = this.#deps;
    return call<Lease>(transport, { ...what, ...(userAgent === undefined ? {} : { userAgent }) });
  }

  get #url(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(this.#deps.namespace)}/leases`;
  }
}
