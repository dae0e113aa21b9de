import { type Command, Option } from "commander";
import { address, gathered, port, portRange, serviceRanges, verbosity, type PortRange } from "./flag-values.ts";

/** What every command that starts a server takes. */
export interface StartFlags {
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
  readonly logFormat: "human" | "json";
  readonly verbosity?: number;
  /** False after --unsafe-no-fsync. */
  readonly unsafeNoFsync?: boolean;
}

export const dataDirFlag = "--data-dir <folder>";
export const dataDirText = "where the cluster lives (default: below your data folder)";

export function addStartFlags(command: Command): Command {
  return command
    .option(dataDirFlag, dataDirText)
    .option("--port <number>", "port to listen on; 0 takes any free one", port, 6443)
    .option("--host <address>", "address to listen on; 0.0.0.0 for all of this machine's", "127.0.0.1")
    .option("--kubeconfig <file>", "write the credentials there and touch no other kubeconfig")
    .option("--advertise-address <ip>", "where others reach this server (default: this machine's address)", address)
    .option("--tls-san <name>", "further name or address in the serving certificate; repeatable", gathered)
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
    )
    .addOption(new Option("--log-format <form>", "how logs are written").choices(["human", "json"]).default("human"))
    .option("-v, --verbosity <level>", "0 warnings, 1 to 3 what happens, 4 and up every detail", verbosity)
    .option("--unsafe-no-fsync", "for tests: faster, and a power cut loses what was acknowledged");
}
