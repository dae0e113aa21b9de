import type { PriorityLevelConfigurationSpec } from "../../api/generated/types/flowcontrol-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/** In seats. */
export interface ConcurrencyLimits {
  readonly nominal: number;
  /** What is left to it when all that it may lend is lent. */
  readonly lower: number;
  /** With all that it may borrow. */
  readonly upper: number;
}

type Spec = DeepReadonly<PriorityLevelConfigurationSpec>;

export function sharesOf({ limited, exempt }: Spec): number {
  return limited === undefined ? (exempt?.nominalConcurrencyShares ?? 0) : (limited.nominalConcurrencyShares ?? 30);
}

/**
 * A level's part of the server's seats.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#seats-occupied-by-a-request
 */
export function limitsOf(spec: Spec, totalShares: number, serverSeats: number): ConcurrencyLimits {
  const nominal = totalShares === 0 ? 0 : Math.ceil((serverSeats * sharesOf(spec)) / totalShares);
  const lendable = percent(nominal, spec.limited?.lendablePercent ?? spec.exempt?.lendablePercent ?? 0);
  const borrowing = spec.limited?.borrowingLimitPercent;
  return {
    nominal,
    lower: nominal - lendable,
    upper: nominal + (borrowing === undefined ? serverSeats : percent(nominal, borrowing)),
  };
}

function percent(of: number, percentage: number): number {
  return Math.round((of * percentage) / 100);
}

/** No request of a level that queues is wider than this, so that a hand of queues can be served at a time. */
export function maxSeatsOf({ limited }: Spec, nominal: number): number | undefined {
  const queuing = limited?.limitResponse?.queuing;
  if (queuing === undefined) return undefined;
  return Math.max(1, Math.min(Math.ceil(nominal * 0.15), Math.floor(nominal / Math.max(1, queuing.handSize ?? 8))));
}
