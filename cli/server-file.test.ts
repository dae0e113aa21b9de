import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAlive, readServerFile, type ServerFile, writeServerFile } from "./server-file.ts";

const file: ServerFile = {
  url: "https://127.0.0.1:1",
  pid: process.pid,
  version: "0.1.0",
  startedAt: "2026-01-01T00:00:00Z",
};
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("comes back as it was written", async () => {
  await writeServerFile(folder, file);
  expect(await readServerFile(folder)).toEqual(file);
});

it("says nothing where it is missing or damaged", async () => {
  expect(await readServerFile(folder)).toBeUndefined();
  for (const text of ["", "{", "null", "[]", '{"url":1}', JSON.stringify({ ...file, pid: "1" })]) {
    await writeFile(join(folder, "server.json"), text);
    expect(await readServerFile(folder)).toBeUndefined();
  }
});

it("tells whether the process is there", () => {
  expect(isAlive(file)).toBe(true);
  expect(isAlive({ ...file, stoppedAt: "2026-01-01T00:00:01Z" })).toBe(false);
  // Beyond what the kernel gives.
  expect(isAlive({ ...file, pid: 2 ** 22 + 1 })).toBe(false);
  expect(isAlive({ ...file, pid: 0 })).toBe(false);
});
