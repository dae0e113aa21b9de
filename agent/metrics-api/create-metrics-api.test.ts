import { expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { NodeMetricsList, PodMetricsList } from "../../api/generated/types/metrics-v1beta1.ts";
import { nodes, pods } from "../../client/resource-types.ts";
import { nodeStage } from "../stage.testing.ts";
import { createMetricsApi } from "./create-metrics-api.ts";

function podOf(name: string, app: string, annotations: Record<string, string> = {}): Pod {
  const resources = { requests: { cpu: "100m", memory: "100Mi" } };
  return {
    metadata: { namespace: "default", name, labels: { app }, annotations },
    spec: { containers: [{ name: "web", image: "nginx:1.27", resources }] },
  };
}

it("tells what pods and nodes use", async () => {
  await using play = await nodeStage({ rules: [{ match: {}, change: { usage: { variation: 0 } } }] });
  const metrics = createMetricsApi({ nodes: () => play.kubelets(), clock: play.clock });
  const ask = async (
    path: string,
    accept = "application/json",
    method = "GET",
  ): Promise<{ status: number; body: unknown }> => {
    const peer = { address: "test" };
    const url = `/apis/metrics.k8s.io${path}`;
    const { status, body } = await metrics({
      method,
      url,
      headers: { accept },
      signal: new AbortController().signal,
      peer,
    });
    return { status, body: body.type === "bytes" ? JSON.parse(Buffer.from(body.bytes).toString()) : undefined };
  };
  await play.run(podOf("one", "web"));
  await play.run(podOf("two", "other", { "simulated.wherry.dev/cpu": "250m", "simulated.wherry.dev/memory": "64Mi" }));
  const early = await ask("/v1beta1/namespaces/default/pods/one");
  expect(early).toMatchObject({
    status: 404,
    body: { reason: "NotFound", message: 'podmetrics.metrics.k8s.io "default/one" not found' },
  });
  await play.clock.advance(20_000);

  expect(await ask("/v1beta1/namespaces/default/pods/one")).toEqual({
    status: 200,
    body: {
      kind: "PodMetrics",
      apiVersion: "metrics.k8s.io/v1beta1",
      metadata: {
        name: "one",
        namespace: "default",
        creationTimestamp: "2026-01-01T00:00:21Z",
        labels: { app: "web" },
      },
      timestamp: "2026-01-01T00:00:21Z",
      window: "15s",
      containers: [{ name: "web", usage: { cpu: "50m", memory: "70Mi" } }],
    },
  });
  const selected = (await ask("/v1beta1/pods?labelSelector=app%3Dother")).body as PodMetricsList;
  expect(selected).toMatchObject({ kind: "PodMetricsList", items: [{ metadata: { name: "two" } }] });
  expect(selected.items?.[0]?.containers).toEqual([{ name: "web", usage: { cpu: "250m", memory: "64Mi" } }]);
  expect(((await ask("/v1beta1/namespaces/kube-system/pods")).body as PodMetricsList).items).toEqual([]);

  const node = (await ask("/v1beta1/nodes?fieldSelector=metadata.name%3Dnode-0")).body as NodeMetricsList;
  expect(node.items).toMatchObject([{ metadata: { name: "node-0" }, usage: { cpu: "325m", memory: "390Mi" } }]);
  expect(await ask("/v1beta1/nodes/other")).toMatchObject({
    status: 404,
    body: { message: 'nodemetrics.metrics.k8s.io "other" not found' },
  });

  const table = await ask("/v1beta1/pods", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
  expect(table.body).toMatchObject({
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    columnDefinitions: [{ name: "Name" }, { name: "cpu" }, { name: "memory" }, { name: "Window" }],
    rows: [
      { cells: ["one", "50m", "70Mi", "15s"], object: { kind: "PartialObjectMetadata" } },
      { cells: ["two", "250m", "64Mi", "15s"] },
    ],
  });

  // A change of load is seen at once.
  const busy = { metadata: { annotations: { "simulated.wherry.dev/cpu": "80m" } } };
  await play.client.patch(pods, { namespace: "default", name: "one" }, busy);
  await play.settled();
  expect((await ask("/v1beta1/namespaces/default/pods/one")).body).toMatchObject({
    containers: [{ usage: { cpu: "80m" } }],
  });

  expect(await ask("")).toMatchObject({
    status: 200,
    body: { kind: "APIGroup", preferredVersion: { version: "v1beta1" } },
  });
  expect(await ask("/v1beta1")).toMatchObject({
    body: { kind: "APIResourceList", resources: [{ name: "nodes" }, { name: "pods" }] },
  });
  expect(await ask("/v1beta1/pods?watch=true")).toMatchObject({ status: 405, body: { reason: "MethodNotAllowed" } });
  expect(await ask("/v1beta1/pods", "*/*", "DELETE")).toMatchObject({ status: 405 });
  expect(await ask("/v1beta1/pods?labelSelector=%3D%3D")).toMatchObject({ status: 400 });
  expect(await ask("/v1beta1/namespaces/a/pods/%25zz")).toMatchObject({ status: 404 });
  expect(await ask("/v1beta1/volumes")).toMatchObject({ status: 404 });
  expect(await play.client.list(nodes)).toHaveLength(1);
});
