import { join } from "node:path";
import { createAsConfigMaps, define, served } from "./define.ts";
import { makeDefinitions, type MadeDefinition } from "./definitions.ts";
import type { Target } from "./http2-client.ts";
import { count, type Measurement, mb, ms } from "./measurement.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const rounds = 3;

interface Figures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** 300 definitions, five of them over a megabyte, from the first request until the last kind is served. */
export const definitionRegistration: Measurement = {
  name: "definition-registration",
  title: "Registration of 300 CustomResourceDefinitions",
  async measure(scratch) {
    const definitions = makeDefinitions(300, 5);
    const registered: Figures[] = [];
    const plain: Figures[] = [];
    for (let round = 0; round < rounds; round++) {
      plain.push(await measure(join(scratch, `${round}-plain`), (target) => createAsConfigMaps(target, definitions)));
      registered.push(await measure(join(scratch, `${round}`), (target) => defineAll(target, definitions)));
    }
    const bytes = definitions.reduce((sum, { body }) => sum + body.length, 0);
    const row = (what: string, figures: readonly Figures[]): string[] => {
      const [wallMs, cpuMs] = [median(figures.map((one) => one.wallMs)), median(figures.map((one) => one.cpuMs))];
      return [
        what,
        mb(bytes),
        ms(wallMs),
        count((definitions.length * 1000) / wallMs),
        ms(cpuMs / definitions.length),
        mb(median(figures.map(({ rssBytes }) => rssBytes))),
      ];
    };
    return {
      columns: ["what", "MB", "ms", "per second", "server CPU ms each", "RSS MB afterwards"],
      rows: [row("definitions", registered), row("ConfigMaps of the same sizes", plain)],
    };
  },
};

async function defineAll(target: Target, definitions: readonly MadeDefinition[]): Promise<void> {
  await define(target, definitions);
  await served(target, definitions);
}

async function measure(folder: string, act: (target: Target) => Promise<unknown>): Promise<Figures> {
  await using server = await ServerProcess.start({ folder });
  const before = await server.usage();
  const started = performance.now();
  await act(server.target);
  const wallMs = performance.now() - started;
  const after = await server.usage();
  return { wallMs, cpuMs: after.cpuMs - before.cpuMs, rssBytes: after.rssBytes };
}
