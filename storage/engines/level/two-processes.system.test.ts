import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { StoreLockedError } from "../../open-errors.ts";
import { openLevelStore } from "./open-level-store.ts";

const script = fileURLToPath(new URL("writer-process.ts", import.meta.url));

test("a second process on the same folder is refused until the first is gone, however it went", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-lock-"));
  const child = spawn(process.execPath, ["--import", "tsx", script, folder, "first", "1", "1000000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const refused = openLevelStore({ folder });
  await expect(refused).rejects.toThrow(StoreLockedError);
  await expect(refused).rejects.toThrow(/another process uses this folder/);

  child.kill("SIGKILL");
  await exited;
  await using store = await openLevelStore({ folder });
  expect(await store.revision()).toBeGreaterThan(0);
});
