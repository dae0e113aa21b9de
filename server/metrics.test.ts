import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { ApiRequest, ApiResponse } from "../api/wire.ts";
import type { Clock } from "../base/clock.ts";
import { createServerMetrics, type ServerMetrics } from "./metrics.ts";
import { describe as describeRequest } from "./pipeline/describe.ts";
import type { Described } from "./pipeline/stages.ts";

const ok: ApiResponse = { status: 200, headers: {}, body: { type: "bytes", bytes: new Uint8Array() } };

function metricsAt(clock: Clock): ServerMetrics {
  return createServerMetrics({
    registry: new Registry(),
    clock,
    isServed: (group, version, resource) => group === "" && version === "v1" && resource === "pods",
    inFlight: () => ({ readOnly: 3, mutating: 1 }),
    storedObjects: () => [["pods", 7]],
    gitVersion: "v1.36.2",
  });
}

function described(method: string, url: string, headers: ApiRequest["headers"] = {}): Described {
  const request = { method, url, headers, signal: new AbortController().signal, peer: { address: "" } };
  return describeRequest(request, "id");
}

async function shown(metrics: ServerMetrics): Promise<string> {
  const { body } = await metrics.answer();
  return body.type === "bytes" ? Buffer.from(body.bytes).toString() : "";
}

test("requests are counted and timed under upstream's labels", async () => {
  let now = 1000;
  const metrics = metricsAt({ now: () => now, after: () => () => undefined });
  const finished = metrics.requests.started();
  now += 30;
  finished(described("POST", "/api/v1/namespaces/a/pods?dryRun=All"), { ...ok, status: 201 });
  const text = await shown(metrics);
  expect(text).toContain(
    'apiserver_request_total{verb="POST",group="",version="v1",resource="pods",subresource="",scope="resource",component="apiserver",dry_run="All",code="201"} 1',
  );
  expect(text).toMatch(/apiserver_request_duration_seconds_bucket\{le="0.025",[^}]*\} 0\n/);
  expect(text).toMatch(/apiserver_request_duration_seconds_bucket\{le="0.05",[^}]*\} 1\n/);
});

test("made-up names do not become labels", async () => {
  const metrics = metricsAt({ now: () => 0, after: () => () => undefined });
  for (const url of ["/apis/evil1/v1/things", "/api/v1/evil2", "/evil3", "/api/v1/namespaces/a/pods/p/evil4"])
    metrics.requests.started()(described("GET", url), ok);
  metrics.requests.started()(undefined, { ...ok, status: 400 });
  expect(await shown(metrics)).not.toContain("evil");
});

test("what lasts is counted while it lasts", async () => {
  const metrics = metricsAt({ now: () => 0, after: () => () => undefined });
  const ended = metrics.longRunning(described("GET", "/api/v1/pods?watch=true"));
  const line =
    'apiserver_longrunning_requests{verb="WATCH",group="",version="v1",resource="pods",subresource="",scope="cluster",component="apiserver"}';
  expect(await shown(metrics)).toContain(`${line} 1`);
  ended();
  expect(await shown(metrics)).toContain(`${line} 0`);
});

test("gauges are read when they are asked for; servers of one process do not mix", async () => {
  const metrics = metricsAt({ now: () => 0, after: () => () => undefined });
  metricsAt({ now: () => 0, after: () => () => undefined }).requests.started()(described("GET", "/healthz"), ok);
  const text = await shown(metrics);
  expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 3');
  expect(text).toContain('apiserver_storage_objects{resource="pods"} 7');
  expect(text).toContain('kubernetes_build_info{git_version="v1.36.2"} 1');
  expect(text).not.toContain('subresource="/healthz"');
});
