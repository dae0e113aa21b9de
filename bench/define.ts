import { setTimeout as sleep } from "node:timers/promises";
import type { MadeDefinition } from "./definitions.ts";
import { HttpsRequests } from "./https-requests.ts";
import type { Target } from "./http2-client.ts";

const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const json = { "content-type": "application/json" };
const clients = 8;

/** Creates them, as many at a time as `kubectl apply` of a big operator's folder does at most. */
export async function define(target: Target, definitions: readonly MadeDefinition[]): Promise<void> {
  await inTurn(target, definitions, (body) => ({ path, body }));
}

/** ConfigMaps of the same sizes: what it costs to take and keep so many bytes. */
export async function createAsConfigMaps(target: Target, definitions: readonly MadeDefinition[]): Promise<void> {
  await inTurn(target, definitions, (body, at) => ({
    path: "/api/v1/namespaces/default/configmaps",
    body: configMap(`large-${at}`, Math.min(body.length, mostData)),
  }));
}

/** What a ConfigMap holds at most: https://kubernetes.io/docs/concepts/configuration/configmap/ */
const mostData = 1024 * 1024;

function configMap(name: string, bytes: number): Buffer {
  return Buffer.from(JSON.stringify({ metadata: { name }, data: { all: "x".repeat(bytes) } }));
}

async function inTurn(
  target: Target,
  definitions: readonly MadeDefinition[],
  requestOf: (body: Buffer, at: number) => { readonly path: string; readonly body: Buffer },
): Promise<void> {
  using requests = new HttpsRequests(target);
  const waiting = definitions.map(({ body }, at) => ({ method: "POST", headers: json, ...requestOf(body, at) }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await requests.send(next, next.body);
  };
  await Promise.all(Array.from({ length: clients }, work));
}

/** Until the last of them is served. */
export async function served(target: Target, definitions: readonly MadeDefinition[]): Promise<void> {
  using requests = new HttpsRequests(target);
  for (const { group, plural } of definitions)
    while (!(await requests.send({ method: "GET", path: `/apis/${group}/v1` }).catch(() => "")).includes(`"${plural}"`))
      await sleep(20);
}
