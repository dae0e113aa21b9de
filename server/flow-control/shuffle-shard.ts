import { createHash } from "node:crypto";

/**
 * The queues that a flow may use: `handSize` different ones out of `queues`, always the same for the same flow. Two flows
 * rarely share all of theirs, so a busy one rarely stands in another's way everywhere.
 * https://aws.amazon.com/builders-library/workload-isolation-using-shuffle-sharding/
 */
export function dealHand(flow: string, queues: number, handSize: number): readonly number[] {
  let entropy = createHash("sha256").update(flow).digest().readBigUInt64LE();
  const dealt: number[] = [];
  for (let left = queues; dealt.length < handSize && left > 0; left -= 1) {
    let card = Number(entropy % BigInt(left));
    entropy /= BigInt(left);
    // The card-th of those that are still in the deck.
    const ascending = dealt.toSorted((one, other) => one - other);
    for (const gone of ascending) if (card >= gone) card += 1;
    dealt.push(card);
  }
  return dealt;
}
