import { describe, expect, it } from "vitest";
import { completeConfiguration, loadConfiguration } from "./load.ts";

const head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

const load = (body: string) => loadConfiguration(Buffer.from(head + body));

async function refusal(body: string, start = head): Promise<string> {
  try {
    await loadConfiguration(Buffer.from(start + body));
    return "accepted";
  } catch (thrown) {
    return String(thrown);
  }
}

describe("defaults", () => {
  it("are upstream's", () => {
    const { profiles, ...configuration } = completeConfiguration();
    expect(configuration).toEqual({
      parallelism: 16,
      leaderElection: {
        leaderElect: true,
        leaseDurationMs: 15_000,
        renewDeadlineMs: 10_000,
        retryPeriodMs: 2_000,
        resourceName: "kube-scheduler",
        resourceNamespace: "kube-system",
      },
      percentageOfNodesToScore: 0,
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 10,
    });
    const [profile] = profiles;
    expect(profiles).toHaveLength(1);
    expect(profile?.schedulerName).toBe("default-scheduler");
    expect(profile?.points).toMatchObject({
      queueSort: ["PrioritySort"],
      bind: ["DefaultBinder"],
      permit: [],
      postBind: [],
    });
    expect(profile?.points.filter.slice(0, 6)).toEqual([
      ...["NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts", "NodeResourcesFit"],
    ]);
    expect(profile?.weights.get("TaintToleration")).toBe(3);
  });

  it("fill what a file leaves out", async () => {
    const { profiles } = await load(`
profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy: { type: MostAllocated, resources: [{ name: example.com/gpu }] }
  - name: PodTopologySpread
    args: { defaultingType: List }
`);
    expect(profiles[0]?.args.NodeResourcesFit).toEqual({
      ignoredResources: [],
      ignoredResourceGroups: [],
      scoringStrategy: { type: "MostAllocated", resources: [{ name: "example.com/gpu", weight: 1 }] },
    });
    expect(profiles[0]?.args.PodTopologySpread).toEqual({ defaultConstraints: [], defaultingType: "List" });
    expect(profiles[0]?.args.InterPodAffinity.hardPodAffinityWeight).toBe(1);
  });
});

describe("plugin sets", () => {
  const pointsOf = async (plugins: string) => (await load(`profiles: [{ plugins: ${plugins} }]`)).profiles[0]?.points;

  it("leave out what is disabled, at one point or at all", async () => {
    const score = await pointsOf("{ score: { disabled: [{ name: NodeAffinity }] } }");
    expect(score?.score).not.toContain("NodeAffinity");
    expect(score?.filter).toContain("NodeAffinity");
    const all = await pointsOf("{ multiPoint: { disabled: [{ name: NodeAffinity }] } }");
    expect([all?.score, all?.filter, all?.preFilter].flat()).not.toContain("NodeAffinity");
  });

  it("take `*` for all of the default ones", async () => {
    const points = await pointsOf(
      '{ score: { disabled: [{ name: "*" }], enabled: [{ name: ImageLocality, weight: 7 }] } }',
    );
    expect(points?.score).toEqual(["ImageLocality"]);
  });

  it("put first what one point names again", async () => {
    const { profiles } = await load(
      "profiles: [{ plugins: { score: { enabled: [{ name: ImageLocality, weight: 7 }] } } }]",
    );
    expect(profiles[0]?.points.score[0]).toBe("ImageLocality");
    expect(profiles[0]?.weights.get("ImageLocality")).toBe(7);
  });
});

describe("refused, in upstream's words:", () => {
  const cases: readonly (readonly [what: string, body: string, message: string])[] = [
    ["an unknown field", "profile: []", 'strict decoding error: unknown field "profile"'],
    [
      "a field twice",
      "parallelism: 1\nparallelism: 2",
      'strict decoding error: line 4: key "parallelism" already set in map',
    ],
    [
      "another type",
      "parallelism: many",
      "json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32",
    ],
    ["no parallelism", "parallelism: 0", "parallelism: Invalid value: 0: should be an integer value greater than zero"],
    [
      "percentages",
      "percentageOfNodesToScore: 101",
      "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
    ],
    [
      "back-off the wrong way round",
      "podInitialBackoffSeconds: 20",
      "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds",
    ],
    [
      "leader election without time",
      "leaderElection: { leaseDuration: 5s }",
      'leaderElection.leaseDuration: Invalid value: "10s": must be greater than `RenewDeadline`',
    ],
    [
      "several faults together",
      "parallelism: -1\npodInitialBackoffSeconds: -1",
      "[parallelism: Invalid value: -1: should be an integer value greater than zero, podInitialBackoffSeconds: Invalid value: -1: must be greater than 0]",
    ],
    [
      "profiles of one name",
      "profiles: [{ schedulerName: a }, { schedulerName: a }]",
      'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
    ],
    ["profiles without name", "profiles: [{ schedulerName: a }, {}]", "profiles[1].schedulerName: Required value"],
    [
      "unknown plugins",
      "profiles: [{ plugins: { filter: { enabled: [{ name: Nope }] } } }]",
      'creating profile for scheduler name default-scheduler: FilterPlugin "Nope" does not exist',
    ],
    [
      "plugins at points that they do not have",
      "profiles: [{ plugins: { filter: { enabled: [{ name: DefaultBinder }] } } }]",
      'creating profile for scheduler name default-scheduler: plugin "DefaultBinder" does not extend FilterPlugin plugin',
    ],
    [
      "no way to bind",
      'profiles: [{ plugins: { bind: { disabled: [{ name: "*" }] } } }]',
      'creating profile for scheduler name default-scheduler: at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
    ],
    [
      "arguments out of range",
      "profiles: [{ pluginConfig: [{ name: InterPodAffinity, args: { hardPodAffinityWeight: 101 } }] }]",
      "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]",
    ],
    [
      "unknown arguments",
      "profiles: [{ pluginConfig: [{ name: InterPodAffinity, args: { weight: 1 } }] }]",
      'decoding .profiles[0].pluginConfig[0]: decoding args for plugin InterPodAffinity: strict decoding error: unknown field "weight"',
    ],
    [
      "arguments of another plugin",
      "profiles: [{ pluginConfig: [{ name: InterPodAffinity, args: { kind: NodeAffinityArgs } }] }]",
      "decoding .profiles[0].pluginConfig[0]: args for plugin InterPodAffinity were not of type InterPodAffinityArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs.kubescheduler.config.k8s.io",
    ],
    [
      "a shape that does not rise",
      "profiles: [{ pluginConfig: [{ name: NodeResourcesFit, args: { scoringStrategy: { type: RequestedToCapacityRatio, requestedToCapacityRatio: { shape: [{ utilization: 10, score: 1 }, { utilization: 10, score: 11 }] } } } }] }]",
      "[profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 10: values must be sorted in increasing order, profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1].score: Invalid value: 11: not in valid range [0, 10]]",
    ],
    [
      "extenders",
      "extenders: [{ urlPrefix: http://x }]",
      "extenders: Forbidden: scheduler extenders are not supported: remove them",
    ],
  ];
  for (const [what, body, message] of cases)
    it(what, async () => {
      expect(await refusal(body)).toBe(`ConfigurationError: ${message}`);
    });

  it("another kind, and none", async () => {
    expect(await refusal("{}", "")).toBe("ConfigurationError: Object 'Kind' is missing in the configuration");
    expect(await refusal("apiVersion: kubescheduler.config.k8s.io/v1\nkind: Other", "")).toBe(
      "ConfigurationError: couldn't decode as KubeSchedulerConfiguration, got kubescheduler.config.k8s.io/v1, Kind=Other",
    );
    expect(await refusal("apiVersion: v1\nkind: KubeSchedulerConfiguration", "")).toContain(
      'registered for version "v1"',
    );
  });
});
