import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { plainEvent, type PlainEvent } from "../../model.testing.ts";
import type { Revision } from "../../store.ts";
import { openLevelStore } from "./open-level-store.ts";

const script = fileURLToPath(new URL("writer-process.ts", import.meta.url));
const rounds = 36;

interface Acknowledged {
  readonly revision: Revision;
  readonly key: string;
  readonly value: string | undefined;
}

/** Loads its code and then waits for `start`, so that rounds do not spend their time on that. */
function prepare(folder: string, round: number, output: string): ChildProcess {
  const file = openSync(output, "w");
  const child = spawn(process.execPath, ["--import", "tsx", script, folder, `round${round}`, "16", "1000000"], {
    stdio: ["ignore", file, "inherit", "ipc"],
  });
  closeSync(file);
  return child;
}

/** Every fourth time it may still be opening the store. */
async function kill(child: ChildProcess, round: number, output: string): Promise<void> {
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  child.send("go");
  while (round % 4 !== 3 && !(await readFile(output, "utf8")).startsWith("open ")) {
    expect(child.exitCode).toBeNull();
    await setTimeout(2);
  }
  await setTimeout(Math.random() * (round % 4 === 3 ? 60 : 200));
  child.kill("SIGKILL");
  expect(await exited).toBe("SIGKILL");
}

async function acknowledged(output: string): Promise<{ opened: Revision | undefined; writes: Acknowledged[] }> {
  const lines = (await readFile(output, "utf8"))
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "));
  const writes = lines.slice(1).map(([, revision, key = "", value]) => ({ revision: Number(revision), key, value }));
  const opened = lines[0]?.[1];
  return { opened: opened === undefined ? undefined : Number(opened), writes };
}

test(`${rounds} kills under load: no acknowledged write is lost, none appears twice, revisions never go back`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-crash-"));
  const output = (round: number): string => join(folder, `out-${round}`);
  const store = join(folder, "store");
  let child = prepare(store, 0, output(0));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  const state = new Map<string, string>();
  const values = new Set<string>();
  let reached: Revision = 0;
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    await kill(child, round, output(round));
    child = prepare(store, round + 1, output(round + 1));
    const { opened, writes } = await acknowledged(output(round));
    if (opened !== undefined) expect(opened).toBe(reached);

    const found = await readNew(store, reached);
    const byRevision = new Map(found.events.map((event) => [event.revision, event]));
    expect(byRevision.size).toBe(found.revision - reached);
    for (const { revision, key, value } of writes) expect(byRevision.get(revision)).toMatchObject({ key, value });
    for (const { key, value } of found.events) {
      if (value === undefined) {
        state.delete(key);
        continue;
      }
      expect(values.has(value)).toBe(false);
      values.add(value);
      state.set(key, value);
    }
    expect(found.state).toEqual(state);
    reached = found.revision;
    total += writes.length;
  }
  expect(total).toBeGreaterThan(rounds);
});

async function readNew(
  folder: string,
  reached: Revision,
): Promise<{ revision: Revision; events: PlainEvent[]; state: Map<string, string> }> {
  await using store = await openLevelStore({ folder, retention: { revisions: 1_000_000 } });
  const revision = await store.revision();
  const events: PlainEvent[] = [];
  if (revision > reached) {
    for await (const batch of store.watch("", { from: reached + 1, signal: new AbortController().signal })) {
      for (const event of batch.events) events.push(trimmed(plainEvent(event)));
      if (batch.revision === revision) break;
    }
  }
  const { items } = await store.list("");
  return { revision, events, state: new Map(items.map((item) => [item.key, item.value.toString().trim()])) };
}

function trimmed(event: PlainEvent): PlainEvent {
  return { ...event, value: event.value?.trim() };
}
