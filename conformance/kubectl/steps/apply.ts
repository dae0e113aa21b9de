import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { fetched, note, type Subject } from "../subject.ts";

/** Client-side apply: first, again, with a change, and what diff says before each. */
export async function apply(subject: Subject): Promise<void> {
  const { kubectl, row, resource, qualified, minimal, full, files, scope } = subject;
  const both = ["-f", files.minimal, "-f", files.full, ...scope];
  const [one, two] = [`${qualified}/${minimal.metadata.name}`, `${qualified}/${full.metadata.name}`];
  await using created = kubectl.start([
    "wait",
    "--for=create",
    `${resource}/${full.metadata.name}`,
    ...scope,
    "--timeout=30s",
  ]);
  expect(await kubectl.ok(["apply", ...both])).toBe(`${one} created\n${two} created\n`);
  await created.until((text) => text === `${two} condition met\n`);
  // Where admission adds something and a controller takes it away again, it depends on when we look.
  const again = row.reapplies ? "(?:configured|unchanged)" : "unchanged";
  expect(await kubectl.ok(["apply", ...both])).toMatch(new RegExp(`^${one} unchanged\n${two} ${again}\n$`));
  expect(await kubectl.ok(["diff", ...both])).toBe("");
  // As text: the integers in some manifests are larger than JavaScript's.
  const changed = { stdin: readFileSync(files.full, "utf8").replace(`${note}: "first"`, `${note}: "changed"`) };
  const { stdout } = await kubectl.exits(1, ["diff", ...scope, "-f", "-"], changed);
  const counted = row.metadataCounts ? /^[+-](?:\+\+|--|  generation: )/ : /^[+-](?:\+\+|--)/;
  expect(stdout.split("\n").filter((line) => /^[+-]/.test(line) && !counted.test(line))).toEqual([
    `-    ${note}: first`,
    `+    ${note}: changed`,
  ]);
  expect(await kubectl.ok(["apply", ...scope, "-f", "-"], changed)).toBe(`${two} configured\n`);
  const { annotations, generation = 1 } = (await fetched(subject)).metadata as {
    annotations?: object;
    generation?: number;
  };
  expect(annotations).toMatchObject({ [note]: "changed" });
  if (!row.metadataCounts) expect(generation).toBe(1);
}
