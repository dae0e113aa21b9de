import type { KubeObject } from "../../../api/machinery/object.ts";
import { silentLogger } from "../../../base/log.ts";
import { systemRandom } from "../../../base/random.ts";
import type { Pki } from "../../../certs/pki.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { holding, type HeldObjects } from "../../admission/objects.testing.ts";
import { startHttps, trustedCa, type Answering, type TestServer } from "../../webhook/https-server.testing.ts";
import { serviceAt } from "../service-objects.testing.ts";
import { createAggregation, type Aggregation } from "./create-aggregation.ts";

export const apiServiceResource = "apiservices.apiregistration.k8s.io";

/** An APIService of the group `example.com`, at the service `hook` in `default`. */
export function remoteApiService(more: object = {}, available = "True"): KubeObject {
  const object: object = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.example.com" },
    spec: {
      group: "example.com",
      version: "v1",
      service: { namespace: "default", name: "hook", port: 443 },
      caBundle: trustedCa,
      groupPriorityMinimum: 100,
      versionPriority: 10,
      ...more,
    },
    status: { conditions: [{ type: "Available", status: available }] },
  };
  return object;
}

/** An aggregated API server, and the aggregation before it. */
export interface RemoteTrial extends AsyncDisposable {
  readonly server: TestServer;
  readonly objects: HeldObjects;
  readonly clock: ManualClock;
  readonly aggregation: Aggregation;
}

export async function startRemote(pki: Pki, answering: Answering): Promise<RemoteTrial> {
  const server = await startHttps(answering, { clientCaPem: pki.frontProxy.ca.certPem });
  const objects = holding({ ...serviceAt("hook", 443, server.port), [apiServiceResource]: [remoteApiService()] });
  const clock = new ManualClock(1_700_000_000_000);
  const aggregation = createAggregation({
    reader: objects,
    writer: objects,
    transport: () => Promise.reject(new Error("nothing is registered here")),
    served: () => [],
    generation: () => undefined,
    frontProxy: () => pki.frontProxy.client,
    random: systemRandom,
    clock,
    timers: clock,
    log: silentLogger,
  });
  return {
    server,
    objects,
    clock,
    aggregation,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
