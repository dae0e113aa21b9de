import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../base/log.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { settled } from "../trial.testing.ts";
import type { AuditBackend } from "./backend.ts";
import { BufferedBackend, type BatchOptions } from "./buffered.ts";
import type { WrittenEvent } from "./event.ts";
import { anEvent, events } from "./event.testing.ts";
import { LogBackend } from "./log/log-backend.ts";
import { createAuditMetrics, type AuditMetrics } from "./metrics.ts";
import { truncating } from "./truncate.ts";

/** Keeps the ids of what comes, a list a batch. */
function collector(wait: () => Promise<void> = () => Promise.resolve()): AuditBackend & { batches: string[][] } {
  const batches: string[][] = [];
  return {
    batches,
    async process(batch) {
      batches.push(batch.map(({ event }) => event.auditID));
      await wait();
      return true;
    },
    close: () => Promise.resolve(),
  };
}

function metered(): { metrics: AuditMetrics; text: () => Promise<string> } {
  const registry = new Registry();
  return { metrics: createAuditMetrics(registry, silentLogger), text: () => registry.metrics() };
}

const idsOf = (batch: readonly WrittenEvent[]): readonly string[] => batch.map(({ event }) => event.auditID);

it("an event has its members in Go's order, and no empty ones", () => {
  expect(anEvent({ annotations: { b: "2", a: "1" }, responseObject: '{"x":1}', requestObject: '{"y":2}' }).json).toBe(
    '{"level":"Metadata","auditID":"0","stage":"ResponseComplete","requestURI":"/api/v1/namespaces","verb":"list",' +
      '"user":{"username":"jane","groups":["developers"]},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl/v1.36",' +
      '"objectRef":{"resource":"namespaces","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},' +
      '"requestObject":{"y":2},"responseObject":{"x":1},' +
      '"requestReceivedTimestamp":"2026-01-02T03:04:05.678000Z","stageTimestamp":"2026-01-02T03:04:05.679000Z",' +
      '"annotations":{"a":"1","b":"2"}}',
  );
});

describe("batches", () => {
  const options: BatchOptions = { bufferSize: 10, maxBatchSize: 3, maxBatchWait: 30_000 };

  it("go when they are full, or when they have waited", async () => {
    const timers = new ManualClock(0);
    const backend = collector();
    const buffered = new BufferedBackend(backend, options, { timers, metrics: metered().metrics });
    buffered.process(events(4));
    await settled();
    expect(backend.batches).toEqual([["0", "1", "2"]]);
    timers.advance(29_999);
    expect(backend.batches).toHaveLength(1);
    timers.advance(1);
    expect(backend.batches).toEqual([["0", "1", "2"], ["3"]]);
  });

  it("go no faster than they may", async () => {
    const timers = new ManualClock(0);
    const backend = collector();
    const throttle = { qps: 2, burst: 2 };
    const buffered = new BufferedBackend(
      backend,
      { ...options, bufferSize: 100, throttle },
      { timers, metrics: metered().metrics },
    );
    buffered.process(events(15));
    await settled();
    expect(backend.batches).toHaveLength(2);
    for (const expected of [3, 4, 5]) {
      timers.advance(500);
      await settled();
      expect(backend.batches).toHaveLength(expected);
    }
  });

  it("are lost beyond the buffer while the backend hangs, and counted", async () => {
    let free = (): void => undefined;
    const gate = new Promise<void>((resolve) => (free = resolve));
    const backend = collector(() => gate);
    const { metrics, text } = metered();
    const buffered = new BufferedBackend(
      backend,
      { ...options, maxBatchSize: 1 },
      { timers: new ManualClock(0), metrics },
    );
    // Sixteen are under way, ten wait.
    expect(buffered.process(events(10))).toBe(true);
    buffered.process(events(10, 10));
    await settled();
    buffered.process(events(10, 20));
    await settled();
    expect(backend.batches).toHaveLength(16);
    expect(await text()).toContain('apiserver_audit_error_total{plugin="buffered"} 4');
    free();
    await buffered.close();
    expect(backend.batches).toHaveLength(26);
    buffered.process(events(1));
    expect(await text()).toContain('apiserver_audit_error_total{plugin="buffered"} 5');
  });

  it("are all written before the server is gone", async () => {
    const backend = collector();
    const buffered = new BufferedBackend(backend, options, { timers: new ManualClock(0), metrics: metered().metrics });
    buffered.process(events(2));
    await buffered.close();
    expect(backend.batches).toEqual([["0", "1"]]);
  });
});

describe("what is too long", () => {
  it("is told without what was sent and answered, or not at all", async () => {
    const told: WrittenEvent[][] = [];
    const { metrics, text } = metered();
    const backend: AuditBackend = {
      process(batch) {
        told.push([...batch]);
        return true;
      },
      close: () => Promise.resolve(),
    };
    const size = anEvent().json.length;
    const short = truncating(backend, { maxEventSize: size + 100, maxBatchSize: 2 * size + 100 }, metrics);
    const object = JSON.stringify("x".repeat(500));
    void short.process([
      anEvent({ auditID: "1", responseObject: object }),
      anEvent({ auditID: "2", requestURI: "x".repeat(1000) }),
      anEvent({ auditID: "3" }),
      anEvent({ auditID: "4" }),
    ]);
    expect(told.map(idsOf)).toEqual([["1", "3"], ["4"]]);
    expect(told[0]?.[0]?.event).toMatchObject({
      responseObject: undefined,
      annotations: { "audit.k8s.io/truncated": "true" },
    });
    expect(await text()).toContain('apiserver_audit_error_total{plugin="truncate"} 1');
  });
});

describe("lines", () => {
  it("are written in order, and share a write with those that came meanwhile", async () => {
    const writes: string[][] = [];
    const writer = {
      async write(lines: readonly Buffer[]) {
        await settled();
        writes.push(lines.map((line) => line.toString()));
      },
      close: () => Promise.resolve(),
    };
    const log = new LogBackend(writer, "json", metered().metrics);
    const first = log.process(events(1));
    await Promise.resolve();
    const others = [1, 2, 3].map((id) => log.process(events(1, id)));
    expect(await Promise.all([first, ...others])).toEqual([true, true, true, true]);
    expect(writes.map((lines) => lines.length)).toEqual([1, 3]);
    expect(writes.flat()[3]).toMatch(
      /^\{"kind":"Event","apiVersion":"audit.k8s.io\/v1","level":"Metadata","auditID":"3",.*\}\n$/,
    );
  });

  it("have an older form", async () => {
    let text = "";
    const writer = {
      write(lines: readonly Buffer[]) {
        text += Buffer.concat(lines).toString();
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    await new LogBackend(writer, "legacy", metered().metrics).process([anEvent()]);
    expect(text).toBe(
      '2026-01-02T03:04:05.678000Z AUDIT: id="0" stage="ResponseComplete" ip="10.0.0.1" method="list" user="jane" groups="\\"developers\\"" as="<self>" asgroups="<lookup>" user-agent="kubectl/v1.36" namespace="<none>" uri="/api/v1/namespaces" response="200"\n',
    );
  });

  it("that cannot be written are counted, and the log hears of the first", async () => {
    const registry = new Registry();
    const told: string[] = [];
    const log = {
      ...silentLogger,
      error: (text: string) => void told.push(text),
      info: (text: string) => void told.push(text),
    };
    const metrics = createAuditMetrics(registry, log);
    let isFull = true;
    const writer = {
      write: () => (isFull ? Promise.reject(new Error("ENOSPC: no space left on device")) : Promise.resolve()),
      close: () => Promise.resolve(),
    };
    const backend = new LogBackend(writer, "json", metrics);
    expect(await backend.process(events(2))).toBe(false);
    expect(await backend.process(events(1))).toBe(false);
    isFull = false;
    expect(await backend.process(events(1))).toBe(true);
    expect(await registry.metrics()).toContain('apiserver_audit_error_total{plugin="log"} 3');
    expect(told).toEqual(["audit events are lost", "audit events are written again"]);
  });
});
