import { once } from "node:events";
import { createServer } from "node:https";
import type { Socket } from "node:net";

export const boatsPath = "/apis/boats.example.com/v1";

const boat = {
  apiVersion: "boats.example.com/v1",
  kind: "Boat",
  metadata: { name: "ida", namespace: "default", creationTimestamp: "2026-01-01T00:00:00Z" },
};

const documents: Readonly<Record<string, object>> = {
  [boatsPath]: {
    kind: "APIResourceList",
    apiVersion: "v1",
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
};

export interface ExtensionServer extends AsyncDisposable {
  readonly port: number;
}

/** An API server that knows one boat. Any pair of certificate and key will do: its APIService does not ask for more. */
export async function startExtensionServer(tls: {
  readonly cert: string;
  readonly key: string;
}): Promise<ExtensionServer> {
  const server = createServer(tls, ({ url = "" }, response) => {
    const document = documents[url.split("?", 1)[0] ?? ""];
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(document ?? { kind: "Status", apiVersion: "v1", status: "Failure", code: 404 }));
  });
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
