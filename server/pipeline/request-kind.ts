import type { Target } from "./stages.ts";

const streamed: ReadonlySet<string> = new Set(["attach", "exec", "log", "portforward", "proxy"]);
const readOnly: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** Requests that last as long as their client wants: no deadline, and not counted as being under way. */
export function isLongRunning(target: Target): boolean {
  return target.type === "resource" && (target.verb === "watch" || streamed.has(target.subresource));
}

/** What is not known to change nothing counts as a change. */
export function isReadOnly(target: Target): boolean {
  return readOnly.has(target.verb);
}
