import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Pod } from "../api/generated/types/core-v1.ts";
import { call } from "../client/call.ts";
import { apiServerOnly, createCluster, type ClusterOptions, type TestCluster } from "./testing.ts";

const pods = "/api/v1/namespaces/default/pods";
const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } };
const admin = { name: "admin", groups: ["system:masters"] };

function create(cluster: TestCluster, body: object = pod): Promise<Pod> {
  return call<Pod>(cluster.as(admin), { method: "POST", url: pods, body });
}

it("asks the admission plugins that were wished for", async () => {
  await using cluster = await createCluster({
    ...apiServerOnly,
    admission: { enable: ["AlwaysPullImages"], disable: ["Priority"], tolerationSeconds: { notReady: 5 } },
  });
  const { spec } = await create(cluster);
  expect(spec?.priority).toBeUndefined();
  expect(spec?.containers[0]?.imagePullPolicy).toBe("Always");
  expect(spec?.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
    ["node.kubernetes.io/not-ready", 5],
    ["node.kubernetes.io/unreachable", 300],
  ]);
});

it("sets plugins up from a file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-"));
  const admissionControlConfigFile = join(folder, "admission.yaml");
  await writeFile(
    admissionControlConfigFile,
    `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline}
`,
  );
  await using cluster = await createCluster({ ...apiServerOnly, admissionControlConfigFile });
  await rm(folder, { recursive: true });
  const privileged = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
  await expect(create(cluster, privileged)).rejects.toThrow('violates PodSecurity "baseline:latest": host namespaces');
  await create(cluster);
});

it("counts no requests where both limits are zero", async () => {
  await using cluster = await createCluster({
    ...apiServerOnly,
    priorityAndFairness: false,
    inFlight: { readOnly: 0, mutating: 0 },
  });
  const transport = cluster.as({ name: "jane", groups: ["system:authenticated"] });
  expect(await call(transport, { method: "GET", url: "/version" })).toMatchObject({ major: "1" });
});

it.each<[ClusterOptions, string]>([
  [{ inFlight: { readOnly: -1 } }, "--max-requests-inflight"],
  [{ requestTimeout: -1 }, "--request-timeout"],
  [{ admission: { enable: ["Pod"] } }, "there is no admission plugin Pod"],
])("refuses %j before anything is started", async (options, message) => {
  await expect(createCluster(options)).rejects.toThrow(message);
});
