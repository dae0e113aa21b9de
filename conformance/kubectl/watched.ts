import { expect } from "vitest";
import type { Subject } from "./subject.ts";

/** `get -w` prints the changes as they come, in the columns of the kind. */
export async function watched(
  { kubectl, row, resource, full, scope }: Subject,
  change: () => Promise<void>,
): Promise<void> {
  await using watch = kubectl.start(["get", resource, full.metadata.name, ...scope, "-w", "--output-watch-events"]);
  await watch.until((stdout) => eventsOf(stdout) === "EVENT ADDED");
  await change();
  const stdout = await watch.until((text) => /^EVENT ADDED(?: MODIFIED)+ DELETED$/.test(eventsOf(text)));
  const [header = ""] = stdout.split("\n");
  expect(header.trim().split(/ {2,}/).join(" | ")).toBe(`EVENT | ${row.header}`);
}

/** The first column. */
function eventsOf(stdout: string): string {
  return [...stdout.matchAll(/^\S+/gm)].join(" ");
}
