import {
  addTo,
  type Quantities,
  readQuantities,
  subtractToZero,
  writeQuantities,
} from "../../../api/core/quantities.ts";
import type { ResourceQuota } from "../../../api/generated/types/core-v1.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Quantity } from "../../../api/machinery/quantity.ts";
import type { ObjectWriter } from "../object-reader.ts";
import { excess } from "./check.ts";
import { updateQuota } from "./quota-status.ts";

/** What is to be added to a quota. */
export interface Charge {
  readonly quota: string;
  readonly amounts: Quantities;
  /** The part that must fit: what a status reports is counted, never refused. */
  readonly mustFit: Quantities;
}

/**
 * Writes all charges, or none. False when a quota is not as it was, and has no room any more: another server, its
 * controller or its owner was faster.
 */
export async function chargeAll(namespace: string, charges: readonly Charge[], writer: ObjectWriter): Promise<boolean> {
  const done: Charge[] = [];
  try {
    for (const charge of charges) {
      if (!(await chargeOne(namespace, charge, writer))) {
        await giveBack(namespace, done, writer);
        return false;
      }
      done.push(charge);
    }
    return true;
  } catch (thrown) {
    await giveBack(namespace, done, writer);
    throw thrown;
  }
}

async function chargeOne(
  namespace: string,
  { quota, amounts, mustFit }: Charge,
  writer: ObjectWriter,
): Promise<boolean> {
  let fits = false;
  const found = await updateQuota(writer, namespace, quota, (current) => {
    const used = readQuantities(current.status?.used);
    const hard = readQuantities(current.status?.hard);
    fits = [...amounts.keys()].every((name) => used.has(name) && hard.has(name));
    fits &&= excess(mustFit, used, hard).length === 0;
    if (!fits) return undefined;
    addTo(used, amounts);
    return withUsed(current, used);
  });
  return found && fits;
}

async function giveBack(namespace: string, charges: readonly Charge[], writer: ObjectWriter): Promise<void> {
  for (const { quota, amounts } of charges) {
    await updateQuota(writer, namespace, quota, (current) => {
      const used = readQuantities(current.status?.used);
      const known = new Map([...amounts].filter(([name]) => used.has(name)));
      return withUsed(current, subtractToZero(used, known));
    });
  }
}

function withUsed(current: DeepReadonly<ResourceQuota>, used: ReadonlyMap<string, Quantity>): ResourceQuota {
  const copy = deepClone<ResourceQuota>(current);
  return { ...copy, status: { ...copy.status, used: writeQuantities(used) } };
}
