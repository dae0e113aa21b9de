import type { Registry } from "prom-client";
import type { ResourceRow } from "../api/resource.ts";
import type { Schemas } from "../api/schema/schema.ts";
import type { AccountTokenSettings } from "../auth/tokens/account-token-settings.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Credential } from "../certs/credential.ts";
import type { Revision, Store } from "../storage/store.ts";
import type { Auditor } from "./audit/auditor.ts";
import type { AdmissionOptions } from "./admission/create-chain.ts";
import type { AuthorizationOptions } from "./authorization/create-authorization.ts";
import type { AuthenticationOptions } from "./authentication/authentication-options.ts";
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
  /** Undefined: no request is noted. */
  readonly auditor?: Auditor | undefined;
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
  readonly authentication?: AuthenticationOptions;
  /** Nodes by what their pods need, and everybody by roles, when absent. */
  readonly authorization?: AuthorizationOptions | undefined;
  readonly serviceAccountTokens: AccountTokenSettings;
  /** False: two plain limits instead of API Priority and Fairness. */
  readonly priorityAndFairness?: boolean;
  /** Milliseconds in which a request is answered that does not last by its nature. */
  readonly requestTimeout?: number;
}
