import type { PriorityLevelConfigurationSpec } from "../../api/generated/types/flowcontrol-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import { maxSeatsOf, type ConcurrencyLimits } from "./concurrency.ts";
import { QueueSet, type Response } from "./queue-set.ts";
import { RetryAfter } from "./retry-after.ts";
import { SeatDemand } from "./seat-demand.ts";

type Spec = DeepReadonly<PriorityLevelConfigurationSpec>;

/** A priority level while it is in use: it outlives changes of its object, with all who wait in it. */
export class PriorityLevel {
  readonly name: string;
  readonly queues: QueueSet;
  readonly demand: SeatDemand;
  readonly retryAfter: RetryAfter = new RetryAfter();
  uid = "";
  spec: Spec = { type: "Limited" };
  limits: ConcurrencyLimits = { nominal: 0, lower: 0, upper: 0 };
  /** Undefined: as wide as requests are. */
  mostSeats: number | undefined;
  /** What it was aimed at when seats were last shared. */
  target = 0;
  #seats: number | undefined;

  constructor(name: string, clock: Clock) {
    this.name = name;
    const demand = new SeatDemand(clock.now());
    this.demand = demand;
    const queues: QueueSet = new QueueSet(clock, () => demand.set(queues.counts.wanted, clock.now()));
    this.queues = queues;
  }

  /** How many seats it has at present. */
  get seats(): number {
    return this.#seats ?? 0;
  }

  get exempt(): boolean {
    return this.spec.type === "Exempt";
  }

  configure(spec: Spec, uid: string, limits: ConcurrencyLimits): void {
    this.spec = spec;
    this.uid = uid;
    this.limits = limits;
    this.mostSeats = maxSeatsOf(spec, limits.nominal);
    // A new one starts with half of what it may lend.
    this.grant(this.#seats ?? limits.nominal - Math.trunc((limits.nominal - limits.lower) / 2));
  }

  grant(seats: number): void {
    this.#seats = seats;
    this.queues.configure(responseOf(this.spec), seats);
  }
}

function responseOf({ type, limited }: Spec): Response {
  if (type === "Exempt") return { type: "exempt" };
  const queuing = limited?.limitResponse?.queuing;
  if (limited?.limitResponse?.type !== "Queue" || queuing === undefined) return { type: "reject" };
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing;
  return { type: "queue", queues, handSize, queueLengthLimit };
}
