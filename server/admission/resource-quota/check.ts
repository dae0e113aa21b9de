import type { QuotaEvaluator, QuotaWrite, Scope } from "../../../api/core/quota/evaluator.ts";
import { isInScopes } from "../../../api/core/quota/scopes.ts";
import { type Quantities, subtractToZero, writeQuantities } from "../../../api/core/quantities.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { addQuantities, compareQuantities, type Quantity, zeroQuantity } from "../../../api/machinery/quantity.ts";
import { failure, forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { type LimitedResource, limitedNames, limitedScopes, tellScopes } from "./limited-resources.ts";

/** A quota as it stands when those that go first are charged. */
export interface Standing {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly hard: Quantities;
  readonly used: Quantities;
}

/** A write with how its object counts. */
export interface Counted {
  readonly request: AdmissionRequest;
  readonly evaluator: QuotaEvaluator;
  readonly write: QuotaWrite;
}

/** What a write adds to which quota, by name. */
export type Charges = ReadonlyMap<string, Quantities>;

export interface CheckContext {
  readonly limited: readonly LimitedResource[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the write is to be charged with. Throws when a quota has no room for it. */
export function check(counted: Counted, standings: readonly Standing[], context: CheckContext): Charges {
  const { request, evaluator, write } = counted;
  const matching = standings.filter((standing) => matches(evaluator, write.object, standing));
  for (const standing of matching) refuseUnready(counted, standing);
  const usage = evaluator.usage(write.object, context.now);
  const negative = [...usage].filter(([, { nano }]) => nano < 0n).map(([name]) => name);
  if (negative.length > 0)
    throw forbid(request, `quota usage is negative for resource(s): ${negative.sort().join(",")}`);
  const more = write.old === undefined ? usage : subtractToZero(usage, evaluator.usage(write.old, context.now));
  const deltas = matching.map((standing) => {
    const moved = write.old !== undefined && !matches(evaluator, write.old, standing);
    return { standing, delta: nonZero(moved ? usage : more) };
  });
  const changes = matching.length === 0 ? nonZero(more).size > 0 : deltas.some(({ delta }) => delta.size > 0);
  if (!changes) return new Map();
  refuseUncovered(counted, standings, matching, usage, context);
  const charges = new Map<string, Quantities>();
  for (const { standing, delta } of deltas) {
    const charge = new Map([...delta].filter(([name]) => standing.hard.has(name)));
    if (write.subresource !== "status") refuseExcess(request, standing, charge);
    if (charge.size > 0) charges.set(standing.name, charge);
  }
  return charges;
}

function matches(evaluator: QuotaEvaluator, object: DeepReadonly<KubeObject>, { hard, scopes }: Standing): boolean {
  return [...hard.keys()].some((name) => evaluator.tracks(name)) && isInScopes(evaluator, object, scopes);
}

function nonZero(quantities: Quantities): Quantities {
  return new Map([...quantities].filter(([, { nano }]) => nano !== 0n));
}

function refuseUnready({ request, evaluator, write }: Counted, { name, hard, used }: Standing): void {
  const limited = [...hard.keys()].filter((resource) => evaluator.tracks(resource)).sort();
  const unstated = evaluator.unstated?.(write.object, limited);
  if (unstated !== undefined) throw forbid(request, `failed quota: ${name}: ${unstated}`);
  if (limited.some((resource) => !used.has(resource)))
    throw forbid(request, `status unknown for quota: ${name}, resources: ${limited.join(",")}`);
}

function refuseUncovered(
  { request, evaluator, write }: Counted,
  standings: readonly Standing[],
  matching: readonly Standing[],
  usage: Quantities,
  { limited }: CheckContext,
): void {
  if (limited.length === 0) return;
  const names = limitedNames(limited, evaluator, usage).filter((name) => !matching.some(({ hard }) => hard.has(name)));
  if (names.length > 0) throw forbid(request, `insufficient quota to consume: ${names.sort().join(",")}`);
  const covered = standings.flatMap(({ scopes }) =>
    scopes.filter((scope) => isInScopes(evaluator, write.object, [scope])).map(({ scopeName }) => scopeName),
  );
  const scopes = limitedScopes(limited, evaluator, write.object).filter(
    ({ scopeName }) => !covered.includes(scopeName),
  );
  if (scopes.length > 0) throw failure(`insufficient quota to match these scopes: ${tellScopes(scopes)}`);
}

function refuseExcess(request: AdmissionRequest, { name, hard, used }: Standing, charge: Quantities): void {
  const exceeded = excess(charge, used, hard);
  if (exceeded.length === 0) return;
  const told = (quantities: Quantities): string => tell(exceeded, quantities);
  throw forbid(
    request,
    `exceeded quota: ${name}, requested: ${told(charge)}, used: ${told(used)}, limited: ${told(hard)}`,
  );
}

/** The resources of which there would be more used than there are. */
export function excess(charge: Quantities, used: Quantities, hard: Quantities): string[] {
  const isOver = ([name, quantity]: readonly [string, Quantity]): boolean => {
    const most = hard.get(name);
    return most !== undefined && compareQuantities(addQuantities(used.get(name) ?? zeroQuantity, quantity), most) > 0;
  };
  return [...charge].filter((entry) => isOver(entry)).map(([name]) => name);
}

/** `cpu=1,pods=2` */
function tell(names: readonly string[], quantities: Quantities): string {
  const texts = writeQuantities(new Map(names.toSorted().map((name) => [name, quantities.get(name) ?? zeroQuantity])));
  return Object.entries(texts)
    .map(([name, text]) => `${name}=${text}`)
    .join(",");
}
