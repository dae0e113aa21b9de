import { networkInterfaces } from "node:os";
import type { Answering } from "../../webhook/https-server.testing.ts";

export const boatsPath = "/apis/boats.example.com/v1";
const boat = { apiVersion: "boats.example.com/v1", kind: "Boat", metadata: { name: "ida", namespace: "default" } };
const operation = {
  operationId: "listBoats",
  tags: [],
  schemes: ["https"],
  responses: { 200: { description: "OK", schema: { $ref: "#/definitions/com.example.boats.v1.Boat" } } },
};

/** What an API server of somebody else answers: boats, and what it says of them. */
export const boatServer: Answering = ({ url }) => {
  const path = url.split("?", 1)[0] ?? "";
  const document = documents[path];
  return document === undefined ? { status: 404, body: { kind: "Status", code: 404 } } : { body: document };
};

const documents: Readonly<Record<string, object>> = {
  [boatsPath]: {
    kind: "APIResourceList",
    groupVersion: "boats.example.com/v1",
    resources: [
      {
        name: "boats",
        singularName: "boat",
        namespaced: true,
        kind: "Boat",
        verbs: ["get", "list"],
        shortNames: ["bo"],
      },
    ],
  },
  [`${boatsPath}/namespaces/default/boats`]: {
    apiVersion: "boats.example.com/v1",
    kind: "BoatList",
    metadata: { resourceVersion: "1" },
    items: [boat],
  },
  [`${boatsPath}/namespaces/default/boats/ida`]: boat,
  "/openapi/v3": { paths: { [boatsPath.slice(1)]: { serverRelativeURL: `/openapi/v3${boatsPath}?hash=B` } } },
  [`/openapi/v3${boatsPath}`]: { openapi: "3.0.0", info: { title: "boats" } },
  "/openapi/v2": {
    swagger: "2.0",
    paths: { [`${boatsPath}/boats`]: { get: operation } },
    definitions: {
      "com.example.boats.v1.Boat": {
        type: "object",
        properties: { metadata: { $ref: "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" } },
      },
      "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": { type: "object", description: "theirs" },
    },
  },
};

/** An address of this machine that endpoints may have: loopback addresses are refused. Undefined where there is none. */
export function machineAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
