import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openStage, type Stage } from "../kubectl/stage.ts";
import { tableLines } from "../kubectl/table-text.ts";
import { isOwnCluster } from "../target.ts";
import { boatsPath, startExtensionServer, type ExtensionServer } from "./extension-server.ts";

const name = "v1.boats.example.com";
const list = `${boatsPath}/namespaces/default/boats`;

/** Endpoints must not have loopback addresses. */
const address = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

// One story: the server comes, is used, and goes. Somebody's cluster does not reach the server on this machine.
describe.runIf(isOwnCluster && address !== undefined)(
  "kubectl and an aggregated API server",
  { shuffle: false },
  () => {
    let stage: Stage;
    let server: ExtensionServer;

    beforeAll(async () => {
      stage = await openStage(36, "aggregation");
      server = await startExtensionServer(certificateOf(stage.target.kubeconfig));
      const stdin = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests(server.port, stage.namespace) });
      await stage.kubectl.ok(["apply", "-f", "-"], { stdin });
      await stage.kubectl.ok(["wait", "--for=condition=Available", `apiservice/${name}`, "--timeout=30s"]);
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    });

    test("the APIService is available, and local ones are beside it", async () => {
      const lines = tableLines(await stage.kubectl.ok(["get", "apiservices"]));
      expect(lines[0]).toBe("NAME | SERVICE | AVAILABLE | AGE");
      expect(lines).toContainEqual(expect.stringMatching(/^v1\.apps \| Local \| True \| /));
      expect(lines).toContainEqual(
        expect.stringMatching(new RegExp(`^v1\\.boats\\.example\\.com \\| ${stage.namespace}/boats \\| True \\| `)),
      );
    });

    test("its resources are found and read", async () => {
      const resources = tableLines(await stage.kubectl.ok(["api-resources", "--api-group=boats.example.com"]));
      expect(resources[1]).toBe("boats | bo | boats.example.com/v1 | true | Boat");
      expect(await stage.kubectl.ok(["get", "boats", "-n", "default", "-o", "name"])).toBe(
        "boat.boats.example.com/ida\n",
      );
      const [header, row] = tableLines(await stage.kubectl.ok(["get", "bo", "-n", "default"]));
      expect([header, row]).toEqual(["NAME | AGE", expect.stringMatching(/^ida \| \d+[a-z0-9]+$/)]);
      expect(JSON.parse(await stage.kubectl.ok(["get", "--raw", list]))).toMatchObject({ kind: "BoatList" });
      expect(await stage.kubectl.ok(["api-versions"])).toContain("boats.example.com/v1\n");
    });

    test("when it is gone, it is said so, and the rest goes on", async () => {
      await server[Symbol.asyncDispose]();
      const gone = await stage.kubectl.exits(1, ["get", "--raw", list]);
      expect(gone.stderr).toContain("Error from server (ServiceUnavailable)");
      await stage.ok("delete", "endpointslice", "boats");
      await stage.kubectl.ok(["wait", "--for=condition=Available=False", `apiservice/${name}`, "--timeout=30s"]);
      const [, row] = tableLines(await stage.kubectl.ok(["get", "apiservice", name]));
      expect(row).toContain(`${stage.namespace}/boats | False (EndpointsNotFound) | `);
      const refused = await stage.kubectl.exits(1, ["get", "boats.v1.boats.example.com", "-n", "default"]);
      expect(refused.stderr).toContain("the server is currently unable to handle the request");
      expect(await stage.ok("get", "configmaps", "-o", "name")).toBeDefined();
      expect(await stage.kubectl.ok(["get", "--raw", "/readyz"])).toBe("ok");
    });
  },
);

interface UserData {
  readonly "client-certificate-data": string;
  readonly "client-key-data": string;
}

/** The administrator's: any pair will do for a server that nobody checks. */
function certificateOf(kubeconfig: string): { readonly cert: string; readonly key: string } {
  const { users } = parse(kubeconfig) as { readonly users: readonly { readonly user: UserData }[] };
  const user = users[0]?.user;
  const pem = (data = ""): string => Buffer.from(data, "base64").toString();
  return { cert: pem(user?.["client-certificate-data"]), key: pem(user?.["client-key-data"]) };
}

function manifests(port: number, namespace: string): readonly object[] {
  const metadata = { name: "boats", namespace };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ name: "https", port: 443, targetPort: port }] } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": "boats" } },
      addressType: "IPv4",
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: "https", port, protocol: "TCP" }],
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name },
      spec: {
        group: "boats.example.com",
        version: "v1",
        service: { namespace, name: "boats" },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 1000,
        versionPriority: 15,
      },
    },
  ];
}
