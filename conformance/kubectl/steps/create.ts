import { expect } from "vitest";
import type { Subject } from "../subject.ts";

/** `create --dry-run=server` leaves nothing behind, else `create` of both manifests would fail; a second one conflicts. */
export async function create({ kubectl, files, scope, qualified, minimal, full }: Subject): Promise<void> {
  const names = [minimal.metadata.name, full.metadata.name];
  const both = ["-f", files.minimal, "-f", files.full, ...scope];
  expect(await kubectl.ok(["create", ...both, "--dry-run=server"])).toBe(
    names.map((name) => `${qualified}/${name} created (server dry run)\n`).join(""),
  );
  expect(await kubectl.ok(["create", ...both])).toBe(names.map((name) => `${qualified}/${name} created\n`).join(""));
  const again = await kubectl.exits(1, ["create", "-f", files.full, ...scope]);
  expect(again.stderr).toContain("Error from server (AlreadyExists): error when creating ");
  expect(again.stderr).toContain(` "${full.metadata.name}" already exists`);
}
