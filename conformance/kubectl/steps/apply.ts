import { expect } from "vitest";
import { stringify } from "yaml";
import type { Manifest } from "../../manifests.ts";
import { note, type Subject } from "../subject.ts";

/** Client-side apply: first, again, with a change, and what diff says before each. */
export async function apply(subject: Subject): Promise<void> {
  const { kubectl, row, resource, qualified, minimal, full, files, scope } = subject;
  const both = ["-f", files.minimal, "-f", files.full, ...scope];
  const names = [minimal.metadata.name, full.metadata.name];
  const said = (what: string): string => names.map((name) => `${qualified}/${name} ${what}\n`).join("");
  await using created = kubectl.start(["wait", "--for=create", `${resource}/${full.metadata.name}`, ...scope, "--timeout=30s"]);
  expect(await kubectl.ok(["apply", ...both])).toBe(said(row.stays ? "configured" : "created"));
  await created.until((text) => text === `${qualified}/${full.metadata.name} condition met\n`);
  expect(await kubectl.ok(["apply", ...both])).toBe(said("unchanged"));
  expect(await kubectl.ok(["diff", ...both])).toBe("");
  const changed = { stdin: stringify(annotated(full, "changed")) };
  const { stdout } = await kubectl.exits(1, ["diff", ...scope, "-f", "-"], changed);
  expect(stdout.split("\n").filter((line) => /^[+-](?!\+\+|--)/.test(line))).toEqual([
    `-    ${note}: first`,
    `+    ${note}: changed`,
  ]);
  expect(await kubectl.ok(["apply", ...scope, "-f", "-"], changed)).toBe(`${qualified}/${full.metadata.name} configured\n`);
  const path = String.raw`jsonpath={.metadata.annotations.conformance\.example/note}`;
  expect(await kubectl.ok(["get", resource, full.metadata.name, ...scope, "-o", path])).toBe("changed");
}

function annotated(manifest: Manifest, value: string): object {
  return { ...manifest, metadata: { ...manifest.metadata, annotations: { [note]: value } } };
}
