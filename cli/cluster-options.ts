import type { Logger } from "../base/log.ts";
import type { ClusterOptions } from "../cluster/options.ts";
import { authenticationChoices } from "./authentication-flags.ts";
import { auditOptions } from "./audit-flags.ts";
import { authorizationOptions } from "./authorization-flags.ts";
import { encryptionOptions } from "./encryption-flags.ts";
import { serviceAccountOptions } from "./service-account-flags.ts";
import { signingOptions } from "./signing-flags.ts";
import type { StartFlags } from "./start-flags.ts";

/** What the flags ask of the cluster. What was not asked for is left out, and has its default there. */
export function clusterOptions(flags: StartFlags, dataDir: string, log: Logger): ClusterOptions {
  const { port, host, advertiseAddress, tlsSan, serviceCidr, serviceNodePortRange, runtimeConfig, featureGates } =
    flags;
  return {
    dataDir,
    processMetrics: true,
    port,
    host,
    log,
    durable: flags.unsafeNoFsync !== true,
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    ...(tlsSan === undefined ? {} : { tlsSans: tlsSan }),
    ...(serviceCidr === undefined ? {} : { serviceRanges: serviceCidr }),
    ...(serviceNodePortRange === undefined ? {} : { nodePorts: serviceNodePortRange }),
    ...(runtimeConfig === undefined ? {} : { runtimeConfig: runtimeConfig.join(",") }),
    ...(featureGates === undefined ? {} : { featureGates: featureGates.join(",") }),
    ...components(flags),
    ...admission(flags),
    ...load(flags),
    authorization: authorizationOptions(flags),
    authentication: authenticationChoices(flags),
    audit: auditOptions(flags),
    encryption: encryptionOptions(flags),
    serviceAccounts: serviceAccountOptions(flags),
    certificateSigning: signingOptions(flags),
  };
}

function components({
  controllers,
  schedulerConfig,
  clusterCidr,
  nodes,
  simulation,
}: StartFlags): Partial<ClusterOptions> {
  return {
    ...(controllers === undefined ? {} : { controllers }),
    ...(schedulerConfig === undefined ? {} : { schedulerConfigFile: schedulerConfig }),
    ...(clusterCidr === undefined ? {} : { podRanges: clusterCidr }),
    ...(simulation === undefined ? {} : { simulationFile: simulation }),
    ...(nodes === undefined ? {} : { nodes }),
  };
}

function admission(flags: StartFlags): Pick<ClusterOptions, "admission" | "admissionControlConfigFile"> {
  const { enableAdmissionPlugins: enable, disableAdmissionPlugins: disable, admissionControlConfigFile } = flags;
  const { defaultNotReadyTolerationSeconds: notReady, defaultUnreachableTolerationSeconds: unreachable } = flags;
  return {
    admission: {
      ...(enable === undefined ? {} : { enable }),
      ...(disable === undefined ? {} : { disable }),
      tolerationSeconds: {
        ...(notReady === undefined ? {} : { notReady }),
        ...(unreachable === undefined ? {} : { unreachable }),
      },
    },
    ...(admissionControlConfigFile === undefined ? {} : { admissionControlConfigFile }),
  };
}

function load(flags: StartFlags): Pick<ClusterOptions, "inFlight" | "priorityAndFairness" | "requestTimeout"> {
  const { maxRequestsInflight: readOnly, maxMutatingRequestsInflight: mutating } = flags;
  const { enablePriorityAndFairness: priorityAndFairness, requestTimeout } = flags;
  return {
    inFlight: { ...(readOnly === undefined ? {} : { readOnly }), ...(mutating === undefined ? {} : { mutating }) },
    ...(priorityAndFairness === undefined ? {} : { priorityAndFairness }),
    ...(requestTimeout === undefined ? {} : { requestTimeout }),
  };
}
