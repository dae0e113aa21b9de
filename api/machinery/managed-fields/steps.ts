import type { Value } from "./typed-value.ts";

/** The question for an object in another version. */
export interface Conversion {
  readonly object: Value;
  readonly apiVersion: string;
}

/** Work that may have to wait for conversions; nearly always there are none, and it is done at once. */
export type Steps<T> = Generator<Conversion, T, Value | undefined>;

/** Undefined: the version is gone. */
export type Convert = (object: Value, apiVersion: string) => Promise<Value | undefined>;

/** Runs to the end; answers a promise only when something has to be converted. */
export function finish<T>(steps: Steps<T>, convert: Convert): T | Promise<T> {
  const first = steps.next();
  return first.done === true ? first.value : finishLater(steps, first.value, convert);
}

async function finishLater<T>(steps: Steps<T>, first: Conversion, convert: Convert): Promise<T> {
  let asked = first;
  for (;;) {
    const step = steps.next(await convert(asked.object, asked.apiVersion));
    if (step.done === true) return step.value;
    asked = step.value;
  }
}
