import type { Registry } from "prom-client";
import type { ResourceRow } from "../api/resource.ts";
import type { Schemas } from "../api/schema/schema.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Credential } from "../certs/credential.ts";
import type { Revision, Store } from "../storage/store.ts";
import type { AdmissionOptions } from "./admission/create-chain.ts";
import type { ServiceOptions } from "./allocation/create-service-allocation.ts";
import type { HealthCheck } from "./discovery/health.ts";
import type { ReadOpenApi } from "./discovery/read-open-api.ts";
import type { LocalApi } from "./extensions/local-apis.ts";
import type { InFlightLimits } from "./flow-control/in-flight-limit.ts";
import type { ComponentCheck } from "./verbs/component-statuses.ts";

export interface ServerOptions {
  readonly store: Store;
  /** The revision after which all values are this very build's own (`markOwnValues`). */
  readonly ownSince?: Revision | undefined;
  /** The resources that are served; a disabled one is left out. */
  readonly rows: readonly ResourceRow[];
  readonly schemas: Schemas;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly services: ServiceOptions;
  readonly openApi: ReadOpenApi;
  /** What is answered in this process without the store. */
  readonly localApis?: readonly LocalApi[];
  readonly healthChecks: readonly HealthCheck[];
  /** What `componentstatuses` tells of. */
  readonly components: readonly ComponentCheck[];
  /** `host:port` by which clients reach this server. */
  readonly serverAddress: () => string;
  readonly metrics: Registry;
  /** The certificate that names users to aggregated API servers, as it is now. */
  readonly frontProxy?: () => Credential;
  /** Real time, for the ends of watches and the patience of reads; only tests replace it. */
  readonly timers?: Clock;
  readonly inFlight?: InFlightLimits;
  readonly admission?: AdmissionOptions;
  /** False: two plain limits instead of API Priority and Fairness. */
  readonly priorityAndFairness?: boolean;
  /** Milliseconds in which a request is answered that does not last by its nature. */
  readonly requestTimeout?: number;
}
