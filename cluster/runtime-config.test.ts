import { expect, it } from "vitest";
import { registry } from "../api/registry.ts";
import { applyRuntimeConfig } from "./runtime-config.ts";

/** `apps/v1/deployments`, … */
const served = (text: string): readonly string[] =>
  applyRuntimeConfig(registry, text).flatMap((row) =>
    row.served.map(({ group, version }) => `${group === "" ? version : `${group}/${version}`}/${row.plural}`),
  );
const everything = served("");

it("changes nothing by itself, nor by asking for what is there", () => {
  expect(applyRuntimeConfig(registry, "")).toBe(registry);
  expect(served("api/ga=true,apps/v1=true,batch/v1/jobs=true,v1,api/v1=true")).toEqual(everything);
});

it("switches off a group-version, and a single resource", () => {
  expect(served("batch/v1=false")).toEqual(everything.filter((name) => !name.startsWith("batch/v1/")));
  expect(served("apps/v1/daemonsets=false")).toEqual(everything.filter((name) => name !== "apps/v1/daemonsets"));
  expect(served("v1/podtemplates=0")).toEqual(everything.filter((name) => name !== "v1/podtemplates"));
});

it("lets the more specific key win, whatever the order", () => {
  expect(served("batch/v1/jobs=true,batch/v1=false")).toEqual(
    everything.filter((name) => !name.startsWith("batch/v1/") || name === "batch/v1/jobs"),
  );
  expect(served("v1=true,api/all=false")).toEqual(everything.filter((name) => name.startsWith("v1/")));
  expect(served("api/ga=true,api/all=false")).toEqual(everything);
});

it("keeps a resource in its other version", () => {
  expect(served("events.k8s.io/v1=false")).toEqual(everything.filter((name) => name !== "events.k8s.io/v1/events"));
});

it("refuses to serve one version without the one that it is converted from", () => {
  const row = registry.find(({ plural }) => plural === "horizontalpodautoscalers");
  expect(row).toBeDefined();
  expect(() => served(`autoscaling/${row?.version ?? ""}=false`)).toThrow("cannot be served without");
  expect(served("autoscaling/v1=false,autoscaling/v2=false")).not.toContain("autoscaling/v2/horizontalpodautoscalers");
});

it("refuses what is not there", () => {
  expect(() => served("api/beta=true")).toThrow("api/beta=true cannot be honoured; only stable APIs are served");
  expect(() => served("api/all=true")).toThrow("api/all=true cannot be honoured");
  expect(() => served("storage.k8s.io/v1beta1=true")).toThrow(
    "storage.k8s.io/v1beta1 is not an API that this server has",
  );
  expect(() => served("__proto__=true")).toThrow('"__proto__" is not group/version');
});

it("takes as done what is off anyway", () => {
  expect(served("api/beta=false,api/alpha=false,storage.k8s.io/v1beta1=false")).toEqual(everything);
});

it("refuses a server that could not run", () => {
  expect(() => served("api/all=false")).toThrow("api/all=false alone would serve nothing");
  expect(() => served("v1=false")).toThrow("a server without namespaces cannot run");
});

it("refuses what is no boolean", () => {
  expect(() => served("apps/v1=maybe")).toThrow("--runtime-config: apps/v1=maybe is not true or false");
});
