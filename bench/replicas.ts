import { createDeployment } from "./deployments.ts";
import { HttpsRequests } from "./https-requests.ts";
import type { Target } from "./http2-client.ts";
import { lightPod } from "./light-pod.ts";
import { load } from "./load.ts";
import { createPod } from "./pods.ts";

export interface Replicas {
  readonly name: string;
  readonly deployments: number;
  /** Of all Deployments together. */
  readonly pods: number;
}

/** Resolves when the Deployments are there; their pods come afterwards. */
export async function createReplicas(target: Target, { name, deployments, pods }: Replicas): Promise<void> {
  using requests = new HttpsRequests(target);
  for (let at = 0; at < deployments; at++) {
    const labels = { ...lightPod.metadata.labels, app: `${name}-${at}` };
    const replicas = Math.ceil((pods - at) / deployments);
    await requests.send(createDeployment, Buffer.from(JSON.stringify(deployment(`${name}-${at}`, replicas, labels))));
  }
}

/** Pods that belong to nobody, from 64 clients. */
export async function createLightPods(target: Target, pods: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ ...lightPod, metadata: { ...lightPod.metadata, generateName: "web-" } }));
  await load(target, { template: createPod, body: () => body, clients: 64, requests: pods });
}

function deployment(name: string, replicas: number, labels: Readonly<Record<string, string>>): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { ...lightPod, metadata: { labels } } },
  };
}
