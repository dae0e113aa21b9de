import { join } from "node:path";
import { define, served } from "./define.ts";
import type { MadeDefinition } from "./definitions.ts";
import type { Template } from "./http2-client.ts";
import { load } from "./load.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { ServerProcess } from "./server-process.ts";
import { measureWrites, middle, type WriteFigures, type Writes } from "./writes.ts";

const rounds = 5;
const volume = { clients: 64, requests: 4000 };
const group = "bench.example.com";

/** As many members, and as many bytes, in each kind of object: 40 settings of 60 bytes. */
const settings = Array.from({ length: 40 }, (_, at) => [`setting${at}`, "y".repeat(60)] as const);

const strings = { type: "object", additionalProperties: { type: "string" } };
/** Each setting known by name, as most schemas have them. */
const named = (schema: object): object => ({
  type: "object",
  properties: Object.fromEntries(settings.map(([name]) => [name, schema])),
});

const kinds = [
  { what: "ConfigMap", plural: "configmaps", kind: "ConfigMap", schema: undefined },
  { what: "custom, a map of strings", plural: "maps", kind: "Map", schema: strings },
  { what: "custom, 40 properties", plural: "plains", kind: "Plain", schema: named({ type: "string" }) },
  {
    what: "custom, 40 properties with defaults, patterns and 11 CEL rules",
    plural: "guardeds",
    kind: "Guarded",
    schema: {
      ...named({ type: "string", maxLength: 100, pattern: "^[a-z]*$", default: "none" }),
      "x-kubernetes-validations": [
        { rule: "self.setting0 != self.setting1 || self.setting0.size() > 3", message: "they must differ" },
        ...Array.from({ length: 10 }, (_, at) => ({ rule: `self.setting${at}.size() < 90` })),
      ],
    },
  },
] as const;

/** Creates of custom objects beside ConfigMaps that hold the same. */
export const customObjects: Measurement = {
  name: "custom-objects",
  title: "Creates of custom objects of 3 KB",
  async measure(scratch) {
    await using server = await ServerProcess.start({ folder: join(scratch, "server") });
    const made = kinds.flatMap(({ plural, kind, schema }) =>
      schema === undefined ? [] : [definition(plural, kind, schema)],
    );
    await define(server.target, made);
    await served(server.target, made);
    const figures = kinds.map((): WriteFigures[] => []);
    for (const one of kinds) await load(server.target, { ...writesOf(one), ...volume });
    for (let round = 0; round < rounds; round++)
      for (const [at, one] of kinds.entries()) figures[at]?.push(await measureWrites(server, writesOf(one), volume));
    const peer = middle(figures[0] ?? []);
    return {
      columns: ["kind", "creates/s", "p50 ms", "p99 ms", "server CPU us", "CPU ratio"],
      rows: kinds.map(({ what }, at) => {
        const { perSecond, p50Ms, p99Ms, cpuUs } = middle(figures[at] ?? []);
        return [what, count(perSecond), ms(p50Ms), ms(p99Ms), count(cpuUs), (cpuUs / peer.cpuUs).toFixed(2)];
      }),
    };
  },
};

function writesOf({ plural, kind, schema }: (typeof kinds)[number]): Writes {
  const apiVersion = schema === undefined ? "v1" : `${group}/v1`;
  const root = schema === undefined ? "/api" : "/apis";
  const template: Template = {
    method: "POST",
    path: `${root}/${apiVersion}/namespaces/default/${plural}`,
    headers: { "content-type": "application/json", accept: "application/json" },
  };
  const content = Object.fromEntries(settings);
  const metadata = { generateName: "some-" };
  const object = { apiVersion, kind, metadata, ...(schema === undefined ? { data: content } : { spec: content }) };
  const body = Buffer.from(JSON.stringify(object));
  return { template, body: () => body };
}

function definition(plural: string, kind: string, spec: object): MadeDefinition {
  const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
  const object = {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
  return { group, plural, body: Buffer.from(JSON.stringify(object)) };
}
