import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { define, served } from "./define.ts";
import { makeDefinitions, type MadeDefinition } from "./definitions.ts";
import { HttpsRequests } from "./https-requests.ts";
import { type Measurement, mb, ms } from "./measurement.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const rounds = 5;
const total = 300;
const huge = 5;

/** What is asked for after a start, one after the other. */
const asked = [
  { what: "a ConfigMap list, at once", path: () => "/api/v1/namespaces/default/configmaps?limit=1", accept: json() },
  { what: "first list of a custom kind", path: listOf, accept: json() },
  {
    what: "discovery, aggregated",
    path: () => "/apis",
    accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  },
  { what: "OpenAPI v3: all group-versions", path: () => "/openapi/v3", accept: json() },
  { what: "OpenAPI v3: one with five huge kinds", path: v3Of, accept: json() },
  { what: "OpenAPI v2, JSON", path: () => "/openapi/v2", accept: json() },
  {
    what: "OpenAPI v2, protobuf",
    path: () => "/openapi/v2",
    accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
  },
] as const;

interface Answer {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

interface Round {
  readonly readyMs: number;
  readonly readyCpuMs: number;
  readonly answers: readonly Answer[];
  readonly startRss: number;
  readonly idleRss: number;
  readonly askedRss: number;
}

/** A server that finds 300 definitions, five of them over a megabyte, beside one that finds none. */
export const definitionsAtStart: Measurement = {
  name: "definitions-at-start",
  title: `Start with ${total} CustomResourceDefinitions`,
  async measure(scratch) {
    const definitions = makeDefinitions(total, huge);
    const [filled, empty] = [join(scratch, "filled"), join(scratch, "empty")];
    await fill(filled, definitions);
    await fill(empty, definitions.slice(huge, huge + 1));
    const full: Round[] = [];
    const few: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      few.push(await start(empty, definitions.at(huge)));
      full.push(await start(filled, definitions[0]));
    }
    const figures = (of: (round: Round) => number, show: (value: number) => string): string[] => [
      show(median(full.map(of))),
      show(median(few.map(of))),
    ];
    const answer = (at: number, key: keyof Answer) => (round: Round) => round.answers[at]?.[key] ?? Number.NaN;
    return {
      columns: ["what", `${total} definitions`, "1 definition", "CPU ms", "CPU ms", "MB"],
      rows: [
        ["start to ready, ms", ...figures((round) => round.readyMs, ms), ...figures((round) => round.readyCpuMs, ms)],
        ...asked.map(({ what }, at) => [
          `${what}, ms`,
          ...figures(answer(at, "wallMs"), ms),
          ...figures(answer(at, "cpuMs"), ms),
          mb(median(full.map(answer(at, "bytes")))),
        ]),
        ["RSS when ready, MB", ...figures((round) => round.startRss, mb)],
        ["RSS idle, definitions loaded, MB", ...figures((round) => round.idleRss, mb)],
        ["RSS after all documents, MB", ...figures((round) => round.askedRss, mb)],
      ],
    };
  },
};

function json(): string {
  return "application/json";
}

function listOf({ group, plural }: MadeDefinition): string {
  return `/apis/${group}/v1/${plural}`;
}

function v3Of({ group }: MadeDefinition): string {
  return `/openapi/v3/apis/${group}/v1`;
}

async function fill(folder: string, definitions: readonly MadeDefinition[]): Promise<void> {
  await using server = await ServerProcess.start({ folder, unsafeNoFsync: true });
  await define(server.target, definitions);
  await served(server.target, definitions);
}

/** Twice: once to ask at once, once to be left alone. */
async function start(folder: string, of: MadeDefinition | undefined): Promise<Round> {
  if (of === undefined) throw new Error("no definition to ask for");
  const idleRss = await idle(folder, of);
  await using server = await ServerProcess.start({ folder });
  const ready = await server.usage();
  using requests = new HttpsRequests(server.target);
  const answers: Answer[] = [];
  let before = ready;
  for (const { path, accept } of asked) {
    const started = performance.now();
    const body = await requests.send({ method: "GET", path: path(of), headers: { accept } });
    const wallMs = performance.now() - started;
    const after = await server.usage();
    answers.push({ wallMs, cpuMs: after.cpuMs - before.cpuMs, bytes: body.length });
    before = after;
  }
  const { readyMs } = server;
  return { readyMs, readyCpuMs: ready.cpuMs, answers, startRss: ready.rssBytes, idleRss, askedRss: before.rssBytes };
}

async function idle(folder: string, of: MadeDefinition): Promise<number> {
  await using server = await ServerProcess.start({ folder });
  using requests = new HttpsRequests(server.target);
  await requests.send({ method: "GET", path: listOf(of) });
  await sleep(3000);
  return (await server.usage()).rssBytes;
}
