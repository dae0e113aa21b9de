import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("writer-process.ts", import.meta.url));
const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

/** A kill leaves the page cache, so the order of the system calls is what shows that an acknowledgement is kept. */
test.skipIf(!canTrace)(
  `the log is synced before a write is acknowledged${canTrace ? "" : " (skipped: strace is missing or may not trace)"}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "wherry-trace-"));
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
    const trace = join(folder, "trace");
    const options = ["-f", "-y", "-s", "16", "-e", "trace=write,fdatasync,fsync", "-o", trace];
    const child = spawnSync(
      "strace",
      [...options, process.execPath, "--import", "tsx", script, join(folder, "store"), "trace", "1", "12"],
      { timeout: 60_000 },
    );
    expect(child.status, child.stderr.toString()).toBe(0);

    const lines = (await readFile(trace, "utf8")).split("\n");
    let written = 0;
    let synced = 0;
    let acknowledgements = 0;
    const syncing = new Set<string>();
    for (const line of lines) {
      const thread = line.split(" ", 1)[0] ?? "";
      if (/ write\(\d+<[^>]*\.log>/.test(line)) written++;
      if (/ (?:fdatasync|fsync)\(\d+<[^>]*\.log>/.test(line)) {
        if (line.includes("<unfinished")) syncing.add(thread);
        else if (line.endsWith("= 0")) synced = written;
      }
      if (/<\.\.\. (?:fdatasync|fsync) resumed>.*= 0$/.test(line) && syncing.delete(thread)) synced = written;
      if (/ write\(1<[^>]*>, "(?:put|delete) /.test(line)) {
        acknowledgements++;
        expect(written, line).toBeGreaterThan(0);
        expect(synced, `not synced before: ${line}`).toBe(written);
        // The next acknowledgement needs a write and a sync of its own.
        written = 0;
        synced = -1;
      }
    }
    expect(acknowledgements).toBe(13);
  },
);
