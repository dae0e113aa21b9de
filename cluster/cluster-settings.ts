import type { ResourceRow } from "../api/resource.ts";
import { registry } from "../api/registry.ts";
import { defaultIssuer } from "../auth/authn/default-issuer.ts";
import { ActivityGauge } from "../base/activity.ts";
import { type Clock, realClock } from "../base/clock.ts";
import { type Logger, silentLogger } from "../base/log.ts";
import { type Random, systemRandom } from "../base/random.ts";
import type { ServerOptions } from "../server/server-options.ts";
import { type Addresses, addressesOf } from "./addresses.ts";
import { admissionOptions } from "./admission/admission-options.ts";
import { serviceAccountAdmission } from "./admission/service-account-admission.ts";
import { readAuthentication, type ReadAuthentication } from "./authentication/read-authentication.ts";
import { authorizationSettings } from "./authorization/authorization-options.ts";
import { requirePermitted } from "./authorization/require-permitted.ts";
import { type ComponentSettings, componentSettings } from "./component-settings.ts";
import { requireFeatureGates } from "./feature-gates.ts";
import { type Heartbeats, usualHeartbeats } from "./heartbeats.ts";
import type { ClusterOptions } from "./options.ts";
import { requestLimits } from "./request-limits.ts";
import { applyRuntimeConfig } from "./runtime-config.ts";
import { requireServiceAccountOptions } from "./service-account-keys.ts";

/** What all parts of a cluster have in common. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: ActivityGauge;
}

/** What was asked for, with every default, and can be had. */
export interface ClusterSettings extends Surroundings {
  readonly options: ClusterOptions;
  readonly rows: readonly ResourceRow[];
  readonly addresses: Addresses;
  readonly limits: ReturnType<typeof requestLimits>;
  readonly admission: NonNullable<ServerOptions["admission"]>;
  readonly authenticators: ReadAuthentication;
  readonly authorization: Awaited<ReturnType<typeof authorizationSettings>>;
  readonly components: ComponentSettings;
  readonly heartbeats: Heartbeats;
}

/** Reads the files that options name. Throws an OptionError, before anything is opened or started. */
export async function clusterSettings(options: ClusterOptions): Promise<ClusterSettings> {
  const { log = silentLogger, clock = realClock, random = systemRandom } = options;
  const { activity = new ActivityGauge(), heartbeats = usualHeartbeats, serviceAccounts = {} } = options;
  requireFeatureGates(options.featureGates ?? "");
  const rows = applyRuntimeConfig(options.rows ?? registry, options.runtimeConfig ?? "");
  const limits = requestLimits(options);
  requireServiceAccountOptions(serviceAccounts);
  const issuers = serviceAccounts.issuers ?? [defaultIssuer];
  const authenticators = await readAuthentication(options.authentication ?? {}, { issuers, log });
  const components = await componentSettings(options, rows);
  const authorization = await authorizationSettings(options.authorization ?? {}, log);
  requirePermitted(authorization.authorizers, components);
  return {
    ...{ options, clock, random, log, activity, heartbeats },
    ...{ rows, limits, authenticators, components, authorization },
    addresses: addressesOf(options),
    admission: serviceAccountAdmission(await admissionOptions(options), components.controllers),
  };
}
