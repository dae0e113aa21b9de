import { type Command, Option } from "commander";
import { addAuthenticationFlags, type AuthenticationFlags } from "./authentication-flags.ts";
import { addAuditFlags, type AuditFlags } from "./audit-flags.ts";
import { addAuthorizationFlags, type AuthorizationFlags } from "./authorization-flags.ts";
import { addEncryptionFlags, type EncryptionFlags } from "./encryption-flags.ts";
import {
  address,
  boolean,
  count,
  list,
  nodeCount,
  gathered,
  port,
  portRange,
  serviceRanges,
  timeout,
  tolerationSeconds,
  verbosity,
  type PortRange,
} from "./flag-values.ts";
import { addServiceAccountFlags, type ServiceAccountFlags } from "./service-account-flags.ts";
import { addSigningFlags, type SigningFlags } from "./signing-flags.ts";

/** What every command that starts a server takes. */
export interface StartFlags
  extends AuthenticationFlags, AuditFlags, AuthorizationFlags, EncryptionFlags, ServiceAccountFlags, SigningFlags {
  readonly dataDir?: string;
  readonly port: number;
  readonly host: string;
  readonly advertiseAddress?: string;
  readonly kubeconfig?: string;
  readonly tlsSan?: readonly string[];
  readonly serviceCidr?: readonly string[];
  readonly serviceNodePortRange?: PortRange;
  readonly runtimeConfig?: readonly string[];
  readonly featureGates?: readonly string[];
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  readonly admissionControlConfigFile?: string;
  readonly defaultNotReadyTolerationSeconds?: number;
  readonly defaultUnreachableTolerationSeconds?: number;
  readonly maxRequestsInflight?: number;
  readonly maxMutatingRequestsInflight?: number;
  /** True for the bare flag. */
  readonly enablePriorityAndFairness?: boolean;
  readonly controllers?: readonly string[];
  readonly schedulerConfig?: string;
  readonly clusterCidr?: readonly string[];
  /** Of `up` alone. */
  readonly nodes?: number;
  readonly simulation?: string;
  readonly runtime?: "auto" | "simulated";
  /** Milliseconds. */
  readonly requestTimeout?: number;
  readonly logFormat: "human" | "json";
  readonly verbosity?: number;
  /** False after --unsafe-no-fsync. */
  readonly unsafeNoFsync?: boolean;
}

export const dataDirFlag = "--data-dir <folder>";
export const dataDirText = "where the cluster lives (default: below your data folder)";

export function addStartFlags(command: Command): Command {
  addPlaceFlags(command.optionsGroup("Where it is:"));
  addApiFlags(command.optionsGroup("What it serves:"));
  addAuthorizationFlags(command.optionsGroup("Who may do what:"));
  addServiceAccountFlags(command.optionsGroup("Service accounts:"));
  addAuthenticationFlags(command.optionsGroup("Who is known:"));
  addSigningFlags(command.optionsGroup("Certificates that it signs:"));
  addAdmissionFlags(command.optionsGroup("What is let in:"));
  addAuditFlags(command.optionsGroup("What is noted of it:"));
  addEncryptionFlags(command.optionsGroup("How it is stored:"));
  addControllerFlags(command.optionsGroup("What acts on it:"));
  addLoadFlags(command.optionsGroup("How much at once:"));
  return addProcessFlags(command.optionsGroup("Options:"));
}

function addPlaceFlags(command: Command): void {
  command
    .option(dataDirFlag, dataDirText)
    .option("--port <number>", "port to listen on; 0 takes any free one", port, 6443)
    .option("--host <address>", "address to listen on; 0.0.0.0 for all of this machine's", "127.0.0.1")
    .option("--kubeconfig <file>", "write the credentials there and touch no other kubeconfig")
    .option("--advertise-address <ip>", "where others reach this server (default: this machine's address)", address)
    .option("--tls-san <name>", "further name or address in the serving certificate; repeatable", gathered);
}

function addApiFlags(command: Command): void {
  command
    .option(
      "--service-cidr <range>",
      "addresses of services, one range per IP family (default: 10.96.0.0/16)",
      serviceRanges,
    )
    .option("--service-node-port-range <range>", "ports of NodePort services (default: 30000-32767)", portRange)
    .option("--runtime-config <key=bool>", "switch APIs off, by Kubernetes's own keys; repeatable", gathered)
    .option(
      "--feature-gates <gate=bool>",
      "checked against Kubernetes's own names; defaults only; repeatable",
      gathered,
    );
}

function addAdmissionFlags(command: Command): void {
  command
    .option("--enable-admission-plugins <names>", "admission plugins besides the default ones; repeatable", gathered)
    .option("--disable-admission-plugins <names>", "admission plugins that are not asked; repeatable", gathered)
    .option("--admission-control-config-file <file>", "AdmissionConfiguration: how plugins are set up; YAML or JSON")
    .option(
      "--default-not-ready-toleration-seconds <seconds>",
      "how long pods stay on a node that is not ready (default: 300)",
      tolerationSeconds,
    )
    .option(
      "--default-unreachable-toleration-seconds <seconds>",
      "how long pods stay on a node that is unreachable (default: 300)",
      tolerationSeconds,
    );
}

function addControllerFlags(command: Command): void {
  command
    .option("--controllers <names>", "which controllers run: `*` all, `name` this one, `-name` not this one", list)
    .option("--scheduler-config <file>", "KubeSchedulerConfiguration: profiles, plugins and weights; YAML or JSON")
    .option(
      "--cluster-cidr <range>",
      "addresses of pods, one range per IP family; each node gets its share (default: 10.244.0.0/16)",
      serviceRanges,
    );
}

/** Of `up`, which brings nodes along. */
export function addNodeFlags(command: Command): Command {
  return command
    .optionsGroup("Its nodes:")
    .option("--nodes <number>", "how many; 0 leaves pods waiting (default: 1)", nodeCount)
    .option("--simulation <file>", "rules for simulated containers: crashes, delays, usage; YAML or JSON")
    .addOption(
      new Option("--runtime <name>", "what runs the containers; so far they are simulated").choices([
        "auto",
        "simulated",
      ]),
    );
}

function addLoadFlags(command: Command): void {
  command
    .option("--max-requests-inflight <number>", "requests under way that read (default: 400)", count)
    .option("--max-mutating-requests-inflight <number>", "requests under way that write (default: 200)", count)
    .option(
      "--enable-priority-and-fairness [bool]",
      "share out the sum of the two by API Priority and Fairness (default: true)",
      boolean,
    )
    .option("--request-timeout <duration>", "in which a request is answered, but for watches (default: 1m0s)", timeout);
}

function addProcessFlags(command: Command): Command {
  return command
    .addOption(new Option("--log-format <form>", "how logs are written").choices(["human", "json"]).default("human"))
    .option("-v, --verbosity <level>", "0 warnings, 1 to 3 what happens, 4 and up every detail", verbosity)
    .option("--unsafe-no-fsync", "for tests: faster, and a power cut loses what was acknowledged");
}
