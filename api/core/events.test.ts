import { describe, expect, test } from "vitest";
import type { Event } from "../generated/types/core-v1.ts";
import { ago, cellsOf, findingsOf } from "../row.testing.ts";
import { events } from "./events.ts";

const event: Event = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "web.17", namespace: "default" },
  involvedObject: { kind: "Pod", name: "web", namespace: "default", fieldPath: "spec.containers{app}" },
  reason: "Pulled",
  message: " Container image is here\n",
  source: { component: "kubelet", host: "n1" },
  firstTimestamp: ago(600),
  lastTimestamp: ago(60),
  count: 4,
  type: "Normal",
  reportingComponent: "kubelet",
  reportingInstance: "n1",
};

describe("the row of kubectl get events", () => {
  test("of the older sort", () => {
    expect(cellsOf(events, event)).toEqual({
      "Last Seen": "60s",
      Type: "Normal",
      Reason: "Pulled",
      Object: "pod/web",
      Subobject: "spec.containers{app}",
      Source: "kubelet, n1",
      Message: "Container image is here",
      "First Seen": "10m",
      Count: 4,
      Name: "web.17",
    });
  });

  test("of the newer sort, with a series or without", () => {
    const { firstTimestamp: _first, lastTimestamp: _last, count: _count, source: _source, ...rest } = event;
    const single: Event = { ...rest, eventTime: ago(30), reportingComponent: "scheduler", reportingInstance: "" };
    expect(cellsOf(events, single)).toMatchObject({
      "Last Seen": "30s",
      "First Seen": "30s",
      Count: 1,
      Source: "scheduler",
    });
    const series: Event = { ...single, series: { count: 9, lastObservedTime: ago(5) } };
    expect(cellsOf(events, series)).toMatchObject({ "Last Seen": "5s", "First Seen": "30s", Count: 9 });
  });

  test("without any time or name", () => {
    const bare: Event = { metadata: {}, involvedObject: { kind: "Node" } };
    expect(cellsOf(events, bare)).toMatchObject({ "Last Seen": "<unknown>", Object: "node", Source: "" });
  });
});

describe("events.k8s.io/v1", () => {
  const served = events.served.find(({ group }) => group === "events.k8s.io");

  test("calls the same fields by other names", () => {
    expect(served?.fromHub?.(event)).toMatchObject({
      apiVersion: "events.k8s.io/v1",
      regarding: event.involvedObject,
      note: event.message,
      deprecatedSource: event.source,
      deprecatedFirstTimestamp: event.firstTimestamp,
      deprecatedLastTimestamp: event.lastTimestamp,
      deprecatedCount: 4,
      reportingController: "kubelet",
    });
  });

  test("comes back unchanged", () => {
    const there = served?.fromHub?.(event) ?? {};
    expect(there).not.toHaveProperty("involvedObject");
    expect(served?.toHub?.(there)).toEqual(event);
  });

  test("is selected by its own labels", () => {
    expect(events.selectableFieldsOf?.["events.k8s.io/v1"]?.["regarding.name"]?.(event)).toBe("web");
    expect(events.selectableFields?.["involvedObject.name"]?.(event)).toBe("web");
  });
});

describe("what is wrong with an event", () => {
  test("it lies in another namespace than its object", () => {
    const elsewhere: Event = { ...event, involvedObject: { ...event.involvedObject, namespace: "other" } };
    expect(findingsOf(events, elsewhere)).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
    expect(findingsOf(events, { ...event, involvedObject: { kind: "Node", name: "n1" } } as Event)).toEqual([]);
  });

  test("a new one does not say who reports it", () => {
    const { reportingComponent: _who, ...rest } = { ...event, eventTime: ago(1), action: "Pulling" };
    expect(findingsOf(events, rest)[0]).toBe("reportingController: Required value");
    const odd: Event = { ...rest, reportingComponent: "a b" };
    expect(findingsOf(events, odd)[0]).toMatch(/^reportingController: Invalid value: "a b": name part must consist of/);
  });
});

test("events vanish after an hour", () => {
  expect(events.ttlSeconds).toBe(3600);
});
