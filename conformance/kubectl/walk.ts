import type { Subject } from "./subject.ts";

export type Step = (subject: Subject) => Promise<void>;

/** Takes all steps even when some fail, and tells of all that did: one bug in a kind must not hide the next. */
export async function walk(subject: Subject, steps: readonly Step[]): Promise<void> {
  const failures: string[] = [];
  for (const step of steps) {
    try {
      await step(subject);
    } catch (thrown) {
      failures.push(`${step.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  if (failures.length > 0) throw new Error(`${subject.row.folder}\n${failures.join("\n\n")}`);
}
