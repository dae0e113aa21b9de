import type { ResourceRow } from "../api/resource.ts";
import type { Transport, UserInfo } from "../api/wire.ts";
import type { ActivityGauge } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { AuditOptions } from "./audit-options.ts";
import type { AuthorizationOptions } from "./authorization/authorization-options.ts";
import type { SigningOptions } from "./certificate-signing.ts";
import type { EncryptionOptions } from "./encryption-options.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { AuthenticationChoices } from "./authentication/authentication-choices.ts";
import type { ServiceAccountOptions } from "./service-account-keys.ts";
import type { AdmissionOptions } from "../server/admission/create-chain.ts";
import type { InFlightLimits } from "../server/flow-control/in-flight-limit.ts";

/** How a cluster is made. Everything has a default; a library cluster lives in memory and on any free port. */
export interface ClusterOptions {
  /** Where state is kept: keys and certificates, and the store. Undefined: in memory, gone with the process. */
  readonly dataDir?: string;
  /** 0: any free one. */
  readonly port?: number;
  readonly host?: string;
  /** Where nodes and pods find the server; by default the machine's first address that others can reach. */
  readonly advertiseAddress?: string;
  /** Further names and addresses in the serving certificate. */
  readonly tlsSans?: readonly string[];
  /** Ranges of service addresses, one per family. */
  readonly serviceRanges?: readonly string[];
  /** Inclusive. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
  /** False: writes are acknowledged before they are on the disk. For tests only. */
  readonly durable?: boolean;
  readonly rows?: readonly ResourceRow[];
  /** `apps/v1/deployments=false,…` in upstream's syntax: what is not served. */
  readonly runtimeConfig?: string;
  /** `A=true,B=false`: checked against upstream's gates, of which only the defaults can be had. */
  readonly featureGates?: string;
  /**
   * Admission plugins besides or without those that are on by default, and their configurations. ServiceAccount is off
   * where the serviceaccount controller does not run, unless it is enabled by name: nobody would make the accounts.
   */
  readonly admission?: AdmissionOptions;
  /** A file of upstream's `AdmissionConfiguration`, YAML or JSON; what `admission` says of the same plugin wins. */
  readonly admissionControlConfigFile?: string;
  /** How many requests may be under way: 400 that read and 200 that write. Together they are the seats that priority and fairness shares. */
  readonly inFlight?: Partial<InFlightLimits>;
  /** False: the two limits of `inFlight` apply as they are, 0 for no limit, instead of API Priority and Fairness. */
  readonly priorityAndFairness?: boolean;
  /** Who decides what requests may do: `Node` and `RBAC` when absent. */
  readonly authorization?: AuthorizationOptions;
  /** What is noted of requests, and where; nothing when absent. */
  readonly audit?: AuditOptions;
  /** Which objects are stored encrypted, and how; none when absent. */
  readonly encryption?: EncryptionOptions;
  /** Milliseconds in which a request is answered, but for watches and the like; by default a minute. */
  readonly requestTimeout?: number;
  /** Which controllers run, as upstream's `--controllers` names them; all when absent, none when empty. */
  readonly controllers?: readonly string[];
  /** False: pods wait until somebody else binds them. */
  readonly scheduler?: boolean;
  /** A file of upstream's `KubeSchedulerConfiguration`, YAML or JSON. */
  readonly schedulerConfigFile?: string;
  /** How many simulated nodes there are; none when absent. */
  readonly nodes?: number;
  /** How simulated containers behave: `{ rules: [...] }`, see agent/README.md. */
  readonly simulation?: object;
  /** The same in a file, YAML or JSON. */
  readonly simulationFile?: string;
  /** Ranges of pod addresses, one per family, which nodes get their share of. */
  readonly podRanges?: readonly string[];
  readonly serviceAccounts?: ServiceAccountOptions;
  /** How callers may show who they are, besides by certificates and tokens of the cluster's own. */
  readonly authentication?: AuthenticationChoices;
  /** Certificates that the API hands out are signed by the cluster's own authority, for a year, when absent. */
  readonly certificateSigning?: SigningOptions;
  readonly clock?: Clock;
  /** Upstream's when absent. */
  readonly heartbeats?: Heartbeats;
  /** Between the server and those of its clients that run in this process; only tests set it, to count requests and to lose them. */
  readonly through?: (transport: Transport, user: UserInfo) => Transport;
  /** Counts what is under way. */
  readonly activity?: ActivityGauge;
  readonly random?: Random;
  readonly log?: Logger;
  /** Names the code that runs; only tests set it. What the same code has written is read without decoding it anew. */
  readonly build?: string;
  /** Tell of the whole process (memory, CPU, event loop) in /metrics: for a process that is nothing but this cluster. */
  readonly processMetrics?: boolean;
}
