import { openStage, type Stage } from "../kubectl/stage.ts";
import { tableLines } from "../kubectl/table-text.ts";
import type { TargetOptions } from "../target.ts";

/** A cluster in which things happen: three nodes, the scheduler and all controllers; and what stories about them need. */
export interface Workplace extends Stage {
  /** Creates objects in the namespace. */
  create(...objects: readonly object[]): Promise<string>;
  /** Rows of `kubectl get`, their cells joined by " | ". */
  rows(...args: readonly string[]): Promise<readonly string[]>;
  /** What a JSONPath finds, as text. */
  value(object: string, path: string): Promise<string>;
  /** Waits until a JSONPath has this value. */
  until(object: string, path: string, value: number | string): Promise<void>;
  /** Waits for a condition: `Available`, `Ready=false`. */
  untilIs(object: string, condition: string): Promise<void>;
  /** Waits for an event of this object whose line has the text. */
  untilEvent(object: string, text: string): Promise<void>;
  /** What `kubectl describe` ends with: `Normal | Scheduled | default-scheduler | Successfully assigned …`, oldest first. */
  events(object: string): Promise<readonly string[]>;
}

const limit = "--timeout=35s";

export async function openWorkplace(name: string, options: TargetOptions = { nodes: 3 }): Promise<Workplace> {
  const stage = await openStage(36, name, options);
  const { ok, kubectl, namespace } = stage;
  return {
    ...stage,
    create: (...objects) => kubectl.ok(["create", "-n", namespace, "-f", "-"], { stdin: listOf(objects) }),
    rows: async (...args) => tableLines(await ok("get", ...args, "--no-headers")),
    value: (object, path) => ok("get", object, "-o", `jsonpath={${path}}`),
    async until(object, path, value) {
      await ok("wait", object, `--for=jsonpath={${path}}=${value}`, limit);
    },
    async untilIs(object, condition) {
      await ok("wait", object, `--for=condition=${condition}`, limit);
    },
    async untilEvent(object, text) {
      // Those about nodes are in another namespace.
      await using told = kubectl.start(["events", "--all-namespaces", "--for", object, "--watch"]);
      await told.until((stdout) => stdout.includes(text));
    },
    events: async (object) => eventsIn(await ok("describe", object)),
  };
}

function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** The table of events at the end of a description, without their ages. */
export function eventsIn(description: string): readonly string[] {
  const lines = tableLines(description);
  const start = lines.findIndex((line) => line === "Events:");
  return lines
    .slice(start + 3)
    .map((line) => line.split(" | "))
    .map(([type, reason, , from, ...message]) => [type, reason, from, ...message].join(" | "));
}
