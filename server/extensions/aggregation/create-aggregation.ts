import type { JsonObject } from "../../../api/machinery/object.ts";
import type { ApiRequest, ApiResponse, Transport, UserInfo } from "../../../api/wire.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import { repeat } from "../../../base/repeat.ts";
import type { Credential } from "../../../certs/credential.ts";
import type { ObjectReader, ObjectWriter } from "../../admission/object-reader.ts";
import { Connections } from "../../webhook/connections.ts";
import { createServiceResolver } from "../service-resolver.ts";
import type { LocalGroupVersion } from "./local-plan.ts";
import { proxy } from "./proxy.ts";
import { createLocalRegistration } from "./register-local.ts";
import type { RemoteGroupVersion } from "./remote-discovery.ts";
import type { RemoteOpenApi } from "./remote-open-api.ts";
import { createRemoteDocuments } from "./remote-documents.ts";
import { remoteServices, type RemoteService } from "./remote-services.ts";
import { createAvailabilityCheck } from "./watch-availability.ts";

export interface AggregationDeps {
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  /** As `system:apiserver`. */
  readonly transport: Transport;
  /** What this server serves now, custom resources too; the same array as long as that stays. */
  readonly served: () => readonly LocalGroupVersion[];
  /** The client certificate of the front proxy, as it is now. */
  readonly frontProxy: () => Credential;
  readonly random: Random;
  /** The cluster's time, for conditions. */
  readonly clock: Clock;
  /** Real time. */
  readonly timers: Clock;
  readonly log: Logger;
}

export interface Aggregation {
  /** Who answers for a group-version, when it is not this server. */
  find(group: string, version: string): Promise<RemoteService | undefined>;
  /** The same by a request's path: resources, discovery and OpenAPI v3 of a remote group-version. */
  findForPath(path: string): Promise<RemoteService | undefined>;
  /** Passes a request of an authorized user on. */
  proxy(remote: RemoteService, request: ApiRequest, user: UserInfo): Promise<ApiResponse>;
  /** What remote servers serve, for merged discovery: as it was found last, kept for a minute at most. */
  discovery(): Promise<readonly RemoteGroupVersion[]>;
  openApiV3(): Promise<readonly RemoteOpenApi[]>;
  openApiV2(): Promise<readonly JsonObject[]>;
  /** One look at everything: registers what is local, checks what is remote and due. */
  look(): Promise<void>;
  /** Looks again and again; the returned function stops it. */
  start(): () => Promise<void>;
}

const lookEveryMs = 1_000;
const limits = { perPeer: Number.POSITIVE_INFINITY, idlePerPeer: 25, idleMs: 90_000, peers: 200 } as const;

/** Kubernetes's aggregation layer. */
export function createAggregation(deps: AggregationDeps): Aggregation {
  const connections = new Connections(limits);
  const resolve = createServiceResolver(deps);
  const remote = remoteServices(deps.reader);
  const to = { ...deps, connections, resolve, remote };
  const register = createLocalRegistration(deps);
  const check = createAvailabilityCheck(to);
  const documents = createRemoteDocuments(to);
  const look = async (): Promise<void> => {
    await register();
    await check();
  };
  return {
    find: remote.find,
    findForPath: remote.findForPath,
    proxy: (service, request, user) => proxy(service, request, user, to),
    ...documents,
    look,
    start() {
      const failed = (thrown: unknown): void => deps.log.error("APIServices could not be looked at", { error: thrown });
      const stop = repeat(lookEveryMs, look, { clock: deps.timers, failed });
      return async () => {
        await stop();
        connections.close();
      };
    },
  };
}
