import type { Clock } from "../../base/clock.ts";
import type { Leave } from "./flow-control.ts";
import { widestOf, type Width } from "./seats.ts";
import { dealHand } from "./shuffle-shard.ts";

export type Response =
  | { readonly type: "exempt" }
  | { readonly type: "reject" }
  | { readonly type: "queue"; readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number };

export type Refusal = "queue-full" | "concurrency-limit" | "time-out" | "cancelled";

/** Told what becomes of a request. */
export interface Progress {
  queued(): void;
  unqueued(): void;
  started(waitedMs: number): void;
  ended(tookMs: number): void;
  refused(why: Refusal, waitedMs: number): void;
}

export interface Entering {
  /** Schema and distinguisher: requests of one flow are served in turn with those of others. */
  readonly flow: string;
  readonly width: Width;
  readonly progress: Progress;
  /** Milliseconds. */
  readonly patience: number;
  /** Only asked for where the request has to wait. */
  readonly signal: () => AbortSignal;
  readonly refusal: () => Error;
}

interface Queue {
  readonly index: number;
  readonly waiting: Waiting[];
  seatsWaiting: number;
  seatsInUse: number;
  executing: number;
  /** The virtual time at which its next request begins. */
  next: number;
}

interface Waiting {
  readonly entering: Entering;
  readonly queue: Queue;
  readonly seats: number;
  readonly arrived: number;
  leave: Leave | undefined;
  /** Present once its caller waits. */
  settle?: { readonly go: (leave: Leave) => void; readonly refuse: (why: Refusal) => void };
}

/** What a request is thought to take until it is over, in milliseconds. */
const guess = 3;
const mostHands = 4096;

/**
 * The requests of one level: which have seats, and which wait in which queue.
 *
 * Virtual time (seat milliseconds per active queue) passes as fast as the queues would be served if each were served a little all
 * the time. A queue that becomes active begins now; each request that it sends on moves its `next` by what it takes. The
 * queue whose next request would end first, in virtual time, is served next, even if others would fit before it does.
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/1040-priority-and-fairness#fair-queuing-for-server-requests
 */
export class QueueSet {
  readonly #clock: Clock;
  readonly #changed: () => void;
  /** Only the active ones: a level may have millions. */
  readonly #queues = new Map<number, Queue>();
  readonly #hands = new Map<string, readonly number[]>();
  #response: Response = { type: "reject" };
  #limit = 0;
  #seatsWaiting = 0;
  #waiting = 0;
  #seatsInUse = 0;
  #executing = 0;
  #virtual = 0;
  #moved: number;

  /** `changed` is called whenever the seats in use or wanted have changed. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#moved = clock.now();
  }

  get idle(): boolean {
    return this.#waiting === 0 && this.#executing === 0;
  }

  get counts(): {
    readonly waiting: number;
    readonly executing: number;
    readonly seatsInUse: number;
    readonly wanted: number;
  } {
    return {
      waiting: this.#waiting,
      executing: this.#executing,
      seatsInUse: this.#seatsInUse,
      wanted: this.#seatsInUse + this.#seatsWaiting,
    };
  }

  /** The active queues, for those who look on. */
  *dump(): Generator<Readonly<Omit<Queue, "waiting">> & { readonly waiting: readonly Readonly<Waiting>[] }> {
    yield* this.#queues.values();
  }

  configure(response: Response, limit: number): void {
    this.#advance();
    if (JSON.stringify(response) !== JSON.stringify(this.#response)) this.#hands.clear();
    this.#response = response;
    this.#limit = limit;
    this.#dispatch();
  }

  /** A seat in this tick, or a promise of one; throws what `refusal` makes. */
  enter(entering: Entering): Leave | Promise<Leave> {
    const response = this.#response;
    const seats = widestOf(entering.width);
    switch (response.type) {
      case "exempt":
        return this.#start(entering, seats, undefined, 0);
      case "reject":
        if (!this.#fits(seats)) return this.#refuse(entering, "concurrency-limit", 0);
        return this.#start(entering, seats, undefined, 0);
      case "queue":
        return this.#enqueue(entering, seats, response);
    }
  }

  #enqueue(
    entering: Entering,
    seats: number,
    { queues, handSize, queueLengthLimit }: Response & { readonly type: "queue" },
  ): Leave | Promise<Leave> {
    this.#advance();
    const index = this.#shortest(this.#handOf(entering.flow, queues, handSize));
    const known = this.#queues.get(index);
    if (known !== undefined && this.#seatsInUse >= this.#limit && known.waiting.length >= queueLengthLimit)
      return this.#refuse(entering, "queue-full", 0);
    const queue = known ?? this.#activate(index);
    // Nobody is before it.
    if (this.#waiting === 0 && this.#fits(seats)) return this.#start(entering, seats, queue, 0);
    const waiting: Waiting = { entering, queue, seats, arrived: this.#clock.now(), leave: undefined };
    queue.waiting.push(waiting);
    queue.seatsWaiting += seats;
    this.#seatsWaiting += seats;
    this.#waiting += 1;
    entering.progress.queued();
    this.#changed();
    this.#dispatch();
    return waiting.leave ?? this.#wait(waiting);
  }

  #wait(waiting: Waiting): Promise<Leave> {
    const { entering } = waiting;
    return new Promise((resolve, reject) => {
      const signal = entering.signal();
      const gone = (): void => this.#giveUp(waiting, "cancelled");
      const cancel = this.#clock.after(entering.patience, () => this.#giveUp(waiting, "time-out"));
      const settled = (): void => {
        cancel();
        signal.removeEventListener("abort", gone);
      };
      waiting.settle = {
        go(leave) {
          settled();
          resolve(leave);
        },
        refuse: (why) => {
          settled();
          entering.progress.refused(why, this.#clock.now() - waiting.arrived);
          reject(entering.refusal());
        },
      };
      signal.addEventListener("abort", gone, { once: true });
      if (signal.aborted) gone();
    });
  }

  #giveUp(waiting: Waiting, why: Refusal): void {
    const at = waiting.queue.waiting.indexOf(waiting);
    if (at < 0) return;
    this.#advance();
    waiting.queue.waiting.splice(at, 1);
    this.#unqueue(waiting);
    this.#retire(waiting.queue);
    waiting.settle?.refuse(why);
    // A wide one may have stood in the way of others.
    this.#dispatch();
  }

  #unqueue({ queue, seats, entering }: Waiting): void {
    queue.seatsWaiting -= seats;
    this.#seatsWaiting -= seats;
    this.#waiting -= 1;
    entering.progress.unqueued();
    this.#changed();
  }

  #dispatch(): void {
    while (this.#waiting > 0) {
      const queue = this.#nextQueue();
      const waiting = queue?.waiting[0];
      if (queue === undefined || waiting === undefined || !this.#fits(waiting.seats)) return;
      queue.waiting.shift();
      this.#unqueue(waiting);
      const leave = this.#start(waiting.entering, waiting.seats, queue, this.#clock.now() - waiting.arrived);
      waiting.leave = leave;
      waiting.settle?.go(leave);
    }
  }

  #nextQueue(): Queue | undefined {
    let first: Queue | undefined;
    let soonest = Infinity;
    for (const queue of this.#queues.values()) {
      const [head] = queue.waiting;
      if (head === undefined) continue;
      const end = queue.next + head.seats * guess;
      if (end >= soonest) continue;
      soonest = end;
      first = queue;
    }
    return first;
  }

  #start(entering: Entering, seats: number, queue: Queue | undefined, waited: number): Leave {
    const started = this.#clock.now();
    this.#take(seats, queue);
    if (queue !== undefined) queue.next += seats * guess;
    entering.progress.started(waited);
    return () => {
      const took = this.#clock.now() - started;
      entering.progress.ended(took);
      if (queue !== undefined) queue.next += (took - guess) * seats;
      const { final } = entering.width;
      if (final === undefined) this.#giveBack(seats, queue);
      else this.#clock.after(final.milliseconds, () => this.#giveBack(seats, queue));
    };
  }

  #take(seats: number, queue: Queue | undefined): void {
    this.#executing += 1;
    this.#seatsInUse += seats;
    if (queue !== undefined) {
      queue.executing += 1;
      queue.seatsInUse += seats;
    }
    this.#changed();
  }

  #giveBack(seats: number, queue: Queue | undefined): void {
    this.#advance();
    this.#executing -= 1;
    this.#seatsInUse -= seats;
    if (queue !== undefined) {
      queue.executing -= 1;
      queue.seatsInUse -= seats;
      this.#retire(queue);
    }
    this.#changed();
    this.#dispatch();
  }

  #refuse({ progress, refusal }: Entering, why: Refusal, waited: number): never {
    progress.refused(why, waited);
    throw refusal();
  }

  /** One that is wider than the level has seats goes on when nobody else does. */
  #fits(seats: number): boolean {
    if (this.#response.type === "exempt") return true;
    if (seats > this.#limit) return this.#executing === 0;
    return this.#seatsInUse + seats <= this.#limit;
  }

  #activate(index: number): Queue {
    const queue: Queue = { index, waiting: [], seatsWaiting: 0, seatsInUse: 0, executing: 0, next: this.#virtual };
    this.#queues.set(index, queue);
    return queue;
  }

  #retire(queue: Queue): void {
    if (queue.executing === 0 && queue.waiting.length === 0) this.#queues.delete(queue.index);
  }

  #shortest(hand: readonly number[]): number {
    let shortest = 0;
    let least = Infinity;
    for (const index of hand) {
      const queue = this.#queues.get(index);
      const work = queue === undefined ? 0 : queue.seatsWaiting + queue.seatsInUse;
      if (work >= least) continue;
      least = work;
      shortest = index;
      if (work === 0) break;
    }
    return shortest;
  }

  #handOf(flow: string, queues: number, handSize: number): readonly number[] {
    const known = this.#hands.get(flow);
    if (known !== undefined) return known;
    const hand = dealHand(flow, queues, handSize);
    if (this.#hands.size >= mostHands) this.#hands.clear();
    this.#hands.set(flow, hand);
    return hand;
  }

  #advance(): void {
    const now = this.#clock.now();
    const passed = Math.max(0, now - this.#moved);
    this.#moved = now;
    if (passed === 0 || this.#queues.size === 0) return;
    this.#virtual += (passed * Math.min(this.#seatsInUse + this.#seatsWaiting, this.#limit)) / this.#queues.size;
  }
}
