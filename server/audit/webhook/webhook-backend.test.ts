import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realClock } from "../../../base/clock.ts";
import { silentLogger } from "../../../base/log.ts";
import { systemRandom } from "../../../base/random.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { events } from "../event.testing.ts";
import { createAuditMetrics } from "../metrics.ts";
import { createEventPoster } from "./post-events.ts";
import { WebhookBackend } from "./webhook-backend.ts";
import { readWebhookConfig } from "../../webhook/webhook-config.ts";

let folder: string;
let server: Server;
let answers: number[];
let got: { readonly headers: Record<string, unknown>; readonly body: unknown; readonly url: string }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
  answers = [];
  got = [];
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      got.push({
        headers: request.headers,
        body: JSON.parse(Buffer.concat(pieces).toString()),
        url: request.url ?? "",
      });
      const code = answers.shift() ?? 200;
      response.writeHead(code, code === 302 ? { location: "http://127.0.0.1:1/elsewhere" } : {}).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const config = (user: object = {}, path = "/events"): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}` } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });

async function backend(timers: ManualClock, user?: object): Promise<{ one: WebhookBackend; registry: Registry }> {
  const file = join(folder, "webhook.yaml");
  await writeFile(file, config(user));
  const registry = new Registry();
  const metrics = createAuditMetrics(registry, silentLogger);
  const poster = createEventPoster(await readWebhookConfig(file), realClock);
  return {
    one: new WebhookBackend({ poster, initialBackoffMs: 1000, timers, random: systemRandom, metrics }),
    registry,
  };
}

it("sends a list, with what the file says of who sends it", async () => {
  const { one } = await backend(new ManualClock(0), { token: "sesame" });
  expect(await one.process(events(2))).toBe(true);
  expect(got).toEqual([
    {
      url: "/events",
      headers: expect.objectContaining({ authorization: "Bearer sesame", "content-type": "application/json" }),
      body: {
        kind: "EventList",
        apiVersion: "audit.k8s.io/v1",
        metadata: {},
        items: [expect.objectContaining({ auditID: "0" }), expect.objectContaining({ auditID: "1" })],
      },
    },
  ]);
  await one.close();
});

/** Until so many requests have come. */
async function requests(count: number): Promise<void> {
  while (got.length < count) await new Promise((resolve) => setImmediate(resolve));
  // And their answers.
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it("tries again, each time later, and follows nobody elsewhere", async () => {
  const timers = new ManualClock(0);
  const { one } = await backend(timers);
  answers = [500, 302];
  const sent = one.process(events(1));
  await requests(1);
  timers.advance(1200);
  await requests(2);
  timers.advance(1800);
  expect(await sent).toBe(true);
  expect(got).toHaveLength(3);
  await one.close();
});

it("gives up after five times, and counts", async () => {
  const timers = new ManualClock(0);
  const { one, registry } = await backend(timers);
  answers = [500, 500, 500, 500, 500];
  const sent = one.process(events(3));
  for (const count of [1, 2, 3, 4]) {
    await requests(count);
    timers.advance(10_000);
  }
  expect(await sent).toBe(false);
  expect(await registry.metrics()).toContain('apiserver_audit_error_total{plugin="webhook"} 3');
  await one.close();
});

it("waits for nothing when the server stops", async () => {
  const { one } = await backend(new ManualClock(0));
  answers = [500, 500];
  const sent = one.process(events(1));
  await requests(1);
  one.hurry();
  expect(await sent).toBe(false);
  await one.close();
});

describe("a configuration is refused", () => {
  it.each([
    ["clusters: [", "it is no YAML"],
    ["[]", "it is no kubeconfig"],
    ["{}", 'there is no context ""'],
    [
      '{"current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "ftp://x"}}]}',
      'server: "ftp://x" is no http:// or https:// URL',
    ],
  ])("%s", async (text, message) => {
    const file = join(folder, "webhook.yaml");
    await writeFile(file, text);
    await expect(readWebhookConfig(file)).rejects.toThrow(message);
  });

  it("with a plugin for credentials", async () => {
    const file = join(folder, "webhook.yaml");
    await writeFile(file, config({ exec: {} }));
    await expect(readWebhookConfig(file)).rejects.toThrow("user u: exec is not supported");
  });
});
