/** A metric of which no number of replicas can be had. Its message is what the autoscaler as a whole reports. */
export class MetricFailure extends Error {
  override readonly name = "MetricFailure";
  /** `FailedGetResourceMetric`, … */
  readonly reason: string;
  /** What event and condition say. */
  readonly told: string;

  constructor(reason: string, told: string, message: string) {
    super(message);
    this.reason = reason;
    this.told = told;
  }
}

/** Failures become ones of a metric; `messageOf` makes the message of what is told. */
export async function failing<T>(
  reason: string,
  messageOf: (told: string) => string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const told = textOf(thrown);
    throw new MetricFailure(reason, told, messageOf(told));
  }
}

/** Says before a failure what was tried. */
export async function trying<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    throw new Error(`${what}: ${textOf(thrown)}`, { cause: thrown });
  }
}

export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
