/**
 * A process for the system tests: opens a store, says so, and writes until it is killed or has written `count` values.
 * A line goes to standard output after each acknowledgement, never before.
 *
 *   node --import tsx writer-process.ts FOLDER NAME WRITERS COUNT
 */
import { writeSync } from "node:fs";
import type { Store } from "../../store.ts";
import { openLevelStore } from "./open-level-store.ts";

const [folder = "", name = "", writers = "1", count = "1"] = process.argv.slice(2);

async function go(): Promise<void> {
  if (process.send === undefined) return;
  await new Promise<void>((resolve) => process.once("message", () => resolve()));
  process.disconnect();
}

/** One writer owns its keys; each value is unique over all processes. */
async function write(store: Store, writer: number): Promise<void> {
  for (let at = 0; at < Number(count); at++) {
    const key = `/${writer}/${at % 20}`;
    const value = `${name}/${writer}/${at}`;
    const { modRevision } = await store.put(key, Buffer.from(value.padEnd((at * 37) % 3000)), { expect: "any" });
    writeSync(1, `put ${modRevision} ${key} ${value}\n`);
    if (at % 7 !== 6) continue;
    const { revision } = await store.delete(key, { expect: modRevision });
    writeSync(1, `delete ${revision} ${key}\n`);
  }
}

await go();
await using store = await openLevelStore({ folder, retention: { revisions: 1_000_000 } });
const opened = await store.revision();
writeSync(1, `open ${opened}\n`);
// So that sweeps are cut short as well.
const compacting = store.compact(opened);
await Promise.all([
  compacting,
  ...Array.from({ length: Number(writers) }, async (_, writer) => await write(store, writer)),
]);
