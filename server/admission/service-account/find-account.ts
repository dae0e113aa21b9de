import type { ServiceAccount } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Clock } from "../../../base/clock.ts";
import type { ObjectReader } from "../object-reader.ts";

export interface FindAccountDeps {
  readonly reader: ObjectReader;
  /** Real time: that of whoever waits for the answer. */
  readonly timers: Pick<Clock, "after">;
}

/** Milliseconds between looks: about as long altogether as kube-apiserver has patience. */
const pauses: readonly number[] = [5, 10, 20, 40, 80, 150, 150, 150, 150, 150, 150, 150];

/** A new namespace gets its `default` account from a controller: that is waited for. */
export async function findAccount(
  namespace: string,
  name: string,
  { reader, timers }: FindAccountDeps,
): Promise<DeepReadonly<ServiceAccount> | undefined> {
  const look = (): Promise<DeepReadonly<ServiceAccount> | undefined> =>
    reader.find<ServiceAccount>("serviceaccounts", namespace, name);
  let found = await look();
  if (name !== "default") return found;
  for (const pause of pauses) {
    if (found !== undefined) break;
    await new Promise<void>((resolve) => timers.after(pause, resolve));
    found = await look();
  }
  return found;
}
