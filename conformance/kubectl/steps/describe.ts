import { expect } from "vitest";
import type { Subject } from "../subject.ts";

export async function describeBoth({ kubectl, resource, minimal, full, scope }: Subject): Promise<void> {
  const text = await kubectl.ok(["describe", resource, minimal.metadata.name, full.metadata.name, ...scope]);
  for (const { metadata } of [minimal, full]) expect(text).toMatch(new RegExp(`^Name: +${metadata.name}$`, "m"));
  // kubectl leaves the labels of some kinds (LimitRange, PriorityClass) out.
  if (/^Labels:/m.test(text)) expect(text).toMatch(/^Labels: +(?:\S+\n +)*suite=conformance$/m);
}
