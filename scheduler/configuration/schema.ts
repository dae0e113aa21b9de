/** The types of the configuration file, for the decoder that API objects go through, too: strict, and in Go's words. */
import { builtinSchemas } from "../../api/schema/tables.ts";
import type { Field, StructType, ValueType } from "../../api/schema/schema.ts";

const text: ValueType = { type: "string" };
const truth: ValueType = { type: "boolean" };
const int32: ValueType = { type: "integer", bits: 32 };
const int64: ValueType = { type: "integer", bits: 64 };
const float: ValueType = { type: "number" };
const duration: ValueType = { type: "duration" };
const any: ValueType = { type: "any", raw: "rawExtension" };

export const groupVersion = "kubescheduler.config.k8s.io/v1";
const typeMeta = { kind: text, apiVersion: text };

export interface ConfigurationSchemas {
  readonly configuration: StructType;
  /** Of a plugin: undefined for one that takes none. */
  argsOf(plugin: string): StructType | undefined;
}

export function configurationSchemas(): ConfigurationSchemas {
  const args = argsTypes();
  return { configuration: configurationType(), argsOf: (plugin) => args.get(plugin) };
}

/** Every field tells unset from zero. */
function struct(name: string, fields: Readonly<Record<string, ValueType>>): StructType {
  const entries = Object.entries(fields).map(([field, value]): [string, Field] => [
    field,
    { name: field, value, required: false, pointer: true, omitEmpty: true, omitZero: false },
  ]);
  return { name: `io.k8s.kube-scheduler.config.v1.${name}`, fields: new Map(entries), atomic: false };
}

function listOf(of: ValueType): ValueType {
  return { type: "list", of };
}

function one(of: StructType): ValueType {
  return { type: "struct", of };
}

function configurationType(): StructType {
  return struct("KubeSchedulerConfiguration", {
    ...typeMeta,
    parallelism: int32,
    leaderElection: one(
      struct("LeaderElectionConfiguration", {
        leaderElect: truth,
        leaseDuration: duration,
        renewDeadline: duration,
        retryPeriod: duration,
        resourceLock: text,
        resourceName: text,
        resourceNamespace: text,
      }),
    ),
    clientConnection: one(
      struct("ClientConnectionConfiguration", {
        kubeconfig: text,
        acceptContentTypes: text,
        contentType: text,
        qps: float,
        burst: int32,
      }),
    ),
    enableProfiling: truth,
    enableContentionProfiling: truth,
    percentageOfNodesToScore: int32,
    podInitialBackoffSeconds: int64,
    podMaxBackoffSeconds: int64,
    profiles: listOf(one(profileType())),
    extenders: listOf(any),
    delayCacheUntilActive: truth,
  });
}

const pluginSets = [
  ...["preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit"],
  ...["preBind", "bind", "postBind", "multiPoint"],
];

function profileType(): StructType {
  const plugin = one(struct("Plugin", { name: text, weight: int32 }));
  const set = one(struct("PluginSet", { enabled: listOf(plugin), disabled: listOf(plugin) }));
  return struct("KubeSchedulerProfile", {
    schedulerName: text,
    percentageOfNodesToScore: int32,
    plugins: one(struct("Plugins", Object.fromEntries(pluginSets.map((point) => [point, set])))),
    pluginConfig: listOf(one(struct("PluginConfig", { name: text, args: any }))),
  });
}

function argsTypes(): ReadonlyMap<string, StructType> {
  const schemas = builtinSchemas();
  const core = (kind: string): ValueType => one(schemas.get(`io.k8s.api.core.v1.${kind}`));
  const resources = listOf(one(struct("ResourceSpec", { name: text, weight: int64 })));
  const shape = listOf(one(struct("UtilizationShapePoint", { utilization: int32, score: int32 })));
  const ratio = one(struct("RequestedToCapacityRatioParam", { shape }));
  const strategy = one(struct("ScoringStrategy", { type: text, resources, requestedToCapacityRatio: ratio }));
  const fields: Readonly<Record<string, Readonly<Record<string, ValueType>>>> = {
    DefaultPreemption: { minCandidateNodesPercentage: int32, minCandidateNodesAbsolute: int32 },
    DynamicResources: { filterTimeout: duration, bindingTimeout: duration },
    InterPodAffinity: { hardPodAffinityWeight: int32, ignorePreferredTermsOfExistingPods: truth },
    NodeAffinity: { addedAffinity: core("NodeAffinity") },
    NodeResourcesBalancedAllocation: { resources },
    NodeResourcesFit: {
      ignoredResources: listOf(text),
      ignoredResourceGroups: listOf(text),
      scoringStrategy: strategy,
    },
    PodTopologySpread: { defaultConstraints: listOf(core("TopologySpreadConstraint")), defaultingType: text },
    VolumeBinding: { bindTimeoutSeconds: int64 },
  };
  return new Map(
    Object.entries(fields).map(([plugin, own]) => [plugin, struct(`${plugin}Args`, { ...typeMeta, ...own })]),
  );
}
