import { expect, test } from "vitest";
import { startTrial } from "../trial.testing.ts";

const url = "/api/v1/componentstatuses";
const healthy = { metadata: { name: "etcd-0" }, conditions: [{ type: "Healthy", status: "True", message: "ok" }] };
const asleep = {
  metadata: { name: "scheduler" },
  conditions: [{ type: "Healthy", status: "False", message: "it is asleep" }],
};

test("each part of the control plane is asked how it is", async () => {
  await using trial = await startTrial();
  expect((await trial.list(url)).items).toEqual([healthy, asleep]);
  expect(await trial.ok("GET", `${url}/etcd-0`)).toMatchObject(healthy);
  expect((await trial.refusal("GET", `${url}/etcd-1`)).message).toBe('componentstatuses "etcd-1" not found');
});

test("the table shows what kubectl prints", async () => {
  await using trial = await startTrial();
  const accept = "application/json;as=Table;g=meta.k8s.io;v=v1";
  const table = await trial.ok("GET", url, undefined, { accept });
  expect(table).toMatchObject({
    rows: [{ cells: ["etcd-0", "Healthy", "ok", ""] }, { cells: ["scheduler", "Unhealthy", "it is asleep", ""] }],
  });
});
