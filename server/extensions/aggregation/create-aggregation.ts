import { setMaxListeners } from "node:events";
import type { ApiRequest, ApiResponse, Transport, UserInfo } from "../../../api/wire.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import { repeat } from "../../../base/repeat.ts";
import type { Credential } from "../../../certs/credential.ts";
import type { ObjectReader, ObjectWriter } from "../../admission/object-reader.ts";
import { Connections } from "../../webhook/connections.ts";
import type { Registered } from "../../discovery/registered.ts";
import { createServiceResolver } from "../service-resolver.ts";
import type { LocalGroupVersion } from "./local-plan.ts";
import { proxy } from "./proxy.ts";
import { createLocalRegistration } from "./register-local.ts";
import { createRemoteDocuments } from "./remote-documents.ts";
import { remoteServices, type RemoteService } from "./remote-services.ts";
import { createAvailabilityCheck } from "./watch-availability.ts";

export interface AggregationDeps {
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  /** As `system:apiserver`. */
  readonly transport: Transport;
  /** The generation of APIServices, when it is known without waiting. */
  readonly generation: () => number | undefined;
  /** What this server serves now, custom resources too; the same array as long as that stays. */
  readonly served: () => readonly LocalGroupVersion[];
  /** The client certificate of the front proxy, as it is now. */
  readonly frontProxy: (() => Credential) | undefined;
  readonly random: Random;
  /** The cluster's time, for conditions. */
  readonly clock: Clock;
  /** Real time. */
  readonly timers: Clock;
  readonly log: Logger;
}

export interface Aggregation extends Registered {
  /** Who answers instead of this server: for resources, discovery and OpenAPI v3 of a remote group-version. */
  findForPath(path: string): RemoteService | undefined | Promise<RemoteService | undefined>;
  /** Passes a request of an authorized user on. */
  proxy(remote: RemoteService, request: ApiRequest, user: UserInfo): Promise<ApiResponse>;
  /** One look at everything: registers what is local, checks what is remote and due. */
  look(): Promise<void>;
  /** Asks remote servers for what they say of themselves, where that is new or old. */
  refresh(): Promise<void>;
  /** Registers what is local, then looks again and again; the returned function stops it. */
  start(): Promise<() => Promise<void>>;
}

const lookEveryMs = 1_000;
const limits = { perPeer: Number.POSITIVE_INFINITY, idlePerPeer: 25, idleMs: 90_000, peers: 200 } as const;

/** Kubernetes's aggregation layer. */
export function createAggregation(deps: AggregationDeps): Aggregation {
  const connections = new Connections(limits);
  const resolve = createServiceResolver(deps);
  const remote = remoteServices(deps);
  const stopping = new AbortController();
  // Every question to a server listens.
  setMaxListeners(0, stopping.signal);
  const to = { ...deps, connections, resolve, remote, signal: stopping.signal };
  const register = createLocalRegistration(deps);
  const check = createAvailabilityCheck(to);
  const documents = createRemoteDocuments(to);
  const look = async (): Promise<void> => {
    await register();
    await check();
  };
  return {
    findForPath: remote.findForPath,
    registrations: remote.registrations,
    proxy: (service, request, user) => proxy(service, request, user, to),
    ...documents,
    look,
    async start() {
      const failed = (thrown: unknown): void => deps.log.error("APIServices could not be looked at", { error: thrown });
      await register().catch(failed);
      // Apart: a server that is slow to tell of itself must not hold up the checks of others.
      const works = [look, documents.refresh].map((work) => repeat(lookEveryMs, work, { clock: deps.timers, failed }));
      return async () => {
        stopping.abort();
        await Promise.all(works.map((stop) => stop()));
        connections.close();
      };
    },
  };
}
