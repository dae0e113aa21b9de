import type { Template } from "./http2-client.ts";
import { podBody } from "./pods.ts";

const path = "/apis/apps/v1/namespaces/default/deployments";
const json = { accept: "application/json" };

export const createDeployment: Template = {
  method: "POST",
  path,
  headers: { ...json, "content-type": "application/json" },
};

export function updateDeployment(name: string): Template {
  return { method: "PUT", path: `${path}/${name}`, headers: { ...json, "content-type": "application/json" } };
}

export function applyDeployment(name: string): Template {
  return {
    method: "PATCH",
    path: `${path}/${name}?fieldManager=bench`,
    headers: { ...json, "content-type": "application/apply-patch+yaml" },
  };
}

interface PodLike {
  readonly metadata: { readonly labels: object; readonly annotations: object };
  readonly spec: object;
}

/** A Deployment of the pods that are created elsewhere. */
export function deploymentBody(name: string, replicas: number): Buffer {
  return Buffer.from(text.replace("$name", name).replace('"$replicas"', String(replicas)));
}

const { metadata, spec } = JSON.parse(podBody.toString()) as PodLike;
const text = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "$name", labels: metadata.labels },
  spec: {
    replicas: "$replicas",
    selector: { matchLabels: metadata.labels },
    template: { metadata: { labels: metadata.labels, annotations: metadata.annotations }, spec },
  },
});
