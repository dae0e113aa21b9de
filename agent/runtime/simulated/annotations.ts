import type { Container, Pod } from "../../../api/generated/types/core-v1.ts";
import { tryQuantity } from "../../../api/machinery/quantity.ts";
import { parseDuration } from "../../../api/machinery/duration.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { RuntimeError } from "../runtime.ts";
import type { Behaviour, Delay, Exit } from "./behaviour.ts";

/** `simulated.wherry.dev/exit-after: 5s`, or for one container `simulated.wherry.dev/exit-after.web: 5s`. */
const annotationPrefix = "simulated.wherry.dev/";

interface Reader {
  text(name: string): string | undefined;
  delay(name: string): Delay | undefined;
  number(name: string): number | undefined;
  /** In billionths of its unit. */
  quantity(name: string): number | undefined;
}

const nanosPerMs = 1_000_000n;
const longestMs = 10 * 365 * 24 * 3600 * 1000;

/** What the pod's annotations say about one of its containers. */
export function annotated(
  behaviour: Behaviour,
  { pod, container }: { readonly pod: DeepReadonly<Pod>; readonly container: DeepReadonly<Container> },
): Behaviour {
  const annotations = pod.metadata?.annotations;
  if (annotations === undefined || !Object.keys(annotations).some((key) => key.startsWith(annotationPrefix)))
    return behaviour;
  const read = readerOf(annotations, container.name);
  const { pull, start, ready, exit, unhealthy, stop, usage, log } = behaviour;
  const pullError = read.text("pull-error");
  const startError = read.text("start-error");
  const cpu = read.quantity("cpu");
  const memory = read.quantity("memory");
  const line = read.text("log");
  const exits = exitOf(exit, read);
  const sick = unhealthyOf(unhealthy, read);
  return {
    pull: { ...pull, ...given("delay", read.delay("pull-delay")), ...given("error", pullError) },
    start: { ...start, ...given("delay", read.delay("start-delay")), ...given("error", startError) },
    ready: { ...ready, ...given("delay", read.delay("ready-delay")) },
    exit: exits,
    ...given("unhealthy", sick),
    stop: { ...stop, ...given("delay", read.delay("stop-delay")), ...given("code", read.number("stop-code")) },
    usage: {
      ...usage,
      ...given("cpuNanoCores", cpu),
      ...given("memoryBytes", memory === undefined ? undefined : memory / 1e9),
    },
    log: line === undefined ? log : { lines: line.split("\n") },
  };
}

function exitOf(exit: Exit | undefined, read: Reader): Exit | undefined {
  const after = read.delay("exit-after");
  const code = read.number("exit-code");
  const reason = read.text("exit-reason");
  const message = read.text("exit-message");
  if (exit === undefined && after === undefined && code === undefined) return undefined;
  const base = exit ?? { after: { ms: 0, jitterMs: 0 }, code: 0 };
  return {
    ...base,
    ...given("after", after),
    ...given("code", code),
    ...given("reason", reason),
    ...given("message", message),
  };
}

function unhealthyOf(unhealthy: Behaviour["unhealthy"], read: Reader): Behaviour["unhealthy"] {
  const after = read.delay("unhealthy-after");
  if (after === undefined) return unhealthy;
  const lasting = read.delay("unhealthy-for");
  const probes = read.text("unhealthy-probes")?.split(",") ?? ["liveness", "readiness", "startup"];
  return { after: after.ms, ...given("for", lasting?.ms), probes };
}

function readerOf(annotations: Readonly<Record<string, string>>, container: string): Reader {
  const find = (name: string): readonly [string, string] | undefined => {
    for (const key of [`${annotationPrefix}${name}.${container}`, `${annotationPrefix}${name}`]) {
      const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
      if (value !== undefined) return [key, value];
    }
    return undefined;
  };
  const parsed = <T>(name: string, parse: (value: string) => T | undefined, what: string): T | undefined => {
    const found = find(name);
    if (found === undefined) return undefined;
    const value = parse(found[1]);
    if (value === undefined)
      throw new RuntimeError(`annotation ${found[0]}: ${JSON.stringify(found[1])} is no ${what}`);
    return value;
  };
  return {
    text: (name) => find(name)?.[1],
    delay: (name) => parsed(name, parseDelay, "duration such as 500ms, 5s or 1s-3s"),
    number: (name) => parsed(name, exitCode, "exit code from 0 to 255"),
    quantity: (name) =>
      parsed(name, (value) => Number(tryQuantity(value)?.nano ?? NaN) || undefined, "quantity above zero"),
  };
}

/** `5s`, or `1s-3s` for anything between the two. */
export function parseDelay(text: string): Delay | undefined {
  const [low = "", high = low] = text.split("-");
  const [from, to] = [low, high].map((one) => {
    const nanos = parseDuration(one.trim());
    return nanos === undefined ? undefined : Number(nanos / nanosPerMs);
  });
  if (from === undefined || to === undefined || from < 0 || to < from || to > longestMs) return undefined;
  return { ms: from, jitterMs: to - from };
}

function exitCode(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };
}
