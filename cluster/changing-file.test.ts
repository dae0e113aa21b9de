import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { silentLogger } from "../base/log.ts";
import { ManualClock } from "../storage/manual-clock.testing.ts";
import { changingFile } from "./changing-file.ts";

it("is read again when it says something else that makes sense", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-"));
  const file = join(folder, "number");
  const clock = new ManualClock(0);
  const told: unknown[] = [];
  const seen: number[] = [];
  let looked: () => void = () => undefined;
  const parse = (bytes: Uint8Array): number => {
    const number = Number(Buffer.from(bytes).toString());
    if (Number.isNaN(number)) throw new Error("it is no number");
    return number;
  };
  const tell = (_message: string, { why }: { why?: unknown } = {}): void => {
    if (why !== undefined) told.push(why);
    looked();
  };
  await using changing = changingFile(
    { flag: "--number", file, bytes: Buffer.from("1"), value: 1, parse },
    { clock, log: { ...silentLogger, info: tell, error: tell } },
  );
  changing.onChange((value) => seen.push(value));
  /** Writes, and waits until that has been told. */
  const write = async (text: string): Promise<void> => {
    await writeFile(file, text);
    const done = new Promise<void>((resolve) => (looked = resolve));
    clock.advance(5000);
    await done;
    // The next look is arranged when this one is over.
    await new Promise((resolve) => setImmediate(resolve));
  };
  await write("2");
  await write("two");
  expect(changing.current).toBe(2);
  await write("3");
  expect([changing.current, seen, told]).toEqual([3, [2, 3], ["it is no number"]]);
  await rm(folder, { recursive: true });
});
