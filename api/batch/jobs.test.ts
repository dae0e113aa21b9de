import { describe, expect, test } from "vitest";
import type { Job, JobSpec, JobStatus } from "../generated/types/batch-v1.ts";
import { ago, cellsOf, created, findingsOf } from "../row.testing.ts";
import { jobs } from "./jobs.ts";

const template = {
  metadata: { labels: { app: "sum" } },
  spec: { restartPolicy: "Never", containers: [{ name: "sum", image: "sum:1" }] },
};

function job(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job {
  const metadata = { name: "sum", uid: "u-1", creationTimestamp: ago(300) };
  return { metadata, spec: { completions: 1, selector: { matchLabels: { app: "sum" } }, template, ...spec }, status };
}

describe("the row of kubectl get jobs", () => {
  test.each<[string, Job, string]>([
    ["running", job({ completions: 3 }, { succeeded: 1, startTime: ago(90) }), "Running 1/3 90s"],
    [
      "complete",
      job(
        {},
        {
          succeeded: 1,
          startTime: ago(90),
          completionTime: ago(60),
          conditions: [{ type: "Complete", status: "True" }],
        },
      ),
      "Complete 1/1 30s",
    ],
    ["failed", job({}, { conditions: [{ type: "Failed", status: "True" }] }), "Failed 0/1 "],
    ["suspended", job({}, { conditions: [{ type: "Suspended", status: "True" }] }), "Suspended 0/1 "],
    ["no longer suspended", job({}, { conditions: [{ type: "Suspended", status: "False" }] }), "Running 0/1 "],
  ])("%s", (_name, given, expected) => {
    const { Status, Completions, Duration } = cellsOf(jobs, given);
    expect(`${Status} ${Completions} ${Duration}`).toBe(expected);
  });

  test("a work queue has no number of completions", () => {
    const { completions: _all, ...queue } = job().spec ?? { template };
    expect(cellsOf(jobs, { ...job(), spec: { ...queue, parallelism: 4 } } as Job)).toMatchObject({
      Completions: "0/1 of 4",
    });
    expect(cellsOf(jobs, { ...job(), spec: { ...queue, parallelism: 1 } } as Job)).toMatchObject({
      Completions: "0/1",
    });
  });

  test("-o wide shows what runs", () => {
    expect(cellsOf(jobs, job())).toMatchObject({ Containers: "sum", Images: "sum:1", Selector: "app=sum" });
  });
});

describe("a new job", () => {
  const owned = {
    "controller-uid": "u-1",
    "job-name": "sum",
    "batch.kubernetes.io/controller-uid": "u-1",
    "batch.kubernetes.io/job-name": "sum",
  };

  test("selects the pods that carry its uid, and gives it to them", () => {
    const made = created(jobs, { metadata: { name: "sum", uid: "u-1" }, spec: { template } } as Job);
    expect(made.spec?.selector).toEqual({ matchLabels: { "batch.kubernetes.io/controller-uid": "u-1" } });
    expect(made.spec?.template.metadata?.labels).toEqual({ app: "sum", ...owned });
    expect(findingsOf(jobs, made)).toEqual([]);
  });

  test("with a manual selector is left alone", () => {
    expect(created(jobs, job({ manualSelector: true })).spec).toEqual(job({ manualSelector: true }).spec);
  });

  test.each<[string, Partial<JobSpec>, string]>([
    [
      "pods without labels",
      { template: { spec: template.spec } },
      "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
    ],
    [
      "pods that run for ever",
      { template: { ...template, spec: { ...template.spec, restartPolicy: "Always" } } },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      "a selector for other pods",
      { selector: { matchLabels: { app: "x" } } },
      'spec.template.metadata.labels: Invalid value: {"app":"sum"}: `selector` does not match template `labels`',
    ],
    [
      "a negative count",
      { parallelism: -1 },
      "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "a limit per index without indexes",
      { backoffLimitPerIndex: 1 },
      "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
    ],
  ])("may not have %s", (_name, spec, expected) => {
    expect(findingsOf(jobs, job({ manualSelector: true, ...spec }))).toEqual([expected]);
  });

  test("may not have labels that say that its pods are another's", () => {
    const labels = { "job-name": "other" };
    const spec = { template: { ...template, metadata: { labels } } };
    const made = created(jobs, { metadata: { name: "sum", uid: "u-1" }, spec } as Job);
    expect(findingsOf(jobs, made)).toEqual([
      expect.stringMatching(/^spec\.template\.metadata\.labels\[job-name\]: Invalid value: .*: must be 'sum'$/),
    ]);
  });

  test("that is indexed needs room in its name for the index", () => {
    const made = job({ manualSelector: true, completionMode: "Indexed", completions: 1000 });
    const long = { ...made, metadata: { ...made.metadata, name: "a".repeat(60) } };
    expect(findingsOf(jobs, long)).toEqual([
      `metadata.name: Invalid value: "${"a".repeat(60)}": will not able to create pod with invalid DNS label: ${"a".repeat(60)}-999`,
    ]);
  });
});

const indexed = { manualSelector: true, completionMode: "Indexed", completions: 10 };

describe("a job of many indexes", () => {
  const many = { ...indexed, completions: 100_001, backoffLimitPerIndex: 1 };
  const bound =
    "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
  test.each<[string, Partial<JobSpec>, string[]]>([
    ["with limits", { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 10, parallelism: 5 }, []],
    [
      "without completions",
      { manualSelector: true, completionMode: "Indexed", completions: undefined as never },
      ["spec.completions: Required value: when completion mode is Indexed"],
    ],
    [
      "that may fail more than it has",
      { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 11 },
      ["spec.maxFailedIndexes: Invalid value: 11: must be less than or equal to completions"],
    ],
    [
      "with a bound of failures alone",
      { ...indexed, maxFailedIndexes: 1 },
      ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"],
    ],
    [
      "beyond what can be told",
      { ...many, parallelism: 10_001, maxFailedIndexes: 10_001 },
      [`spec.parallelism: Invalid value: 10001: ${bound}`, `spec.maxFailedIndexes: Invalid value: 10001: ${bound}`],
    ],
    [
      "without a bound of failures",
      many,
      ["spec.maxFailedIndexes: Required value: must be specified when completions is above 100000"],
    ],
    [
      "managed by somebody without a domain",
      { manualSelector: true, managedBy: "me" },
      ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findingsOf(jobs, job(spec))).toEqual(expected);
  });
});

describe("a pod failure policy", () => {
  const rule = (more: object): Partial<JobSpec> => ({
    manualSelector: true,
    podFailurePolicy: { rules: [{ action: "FailJob", ...more }] },
  });
  const codes = (more: object): Partial<JobSpec> => rule({ onExitCodes: { operator: "In", values: [1, 2], ...more } });
  const path = "spec.podFailurePolicy.rules[0]";
  test.each<[string, Partial<JobSpec>, string[]]>([
    ["by exit codes", codes({}), []],
    ["by conditions", rule({ onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }), []],
    ["by nothing", rule({}), [`${path}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`]],
    [
      "by both",
      rule({
        onExitCodes: { operator: "In", values: [1] },
        onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
      }),
      [`${path}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
    ],
    [
      "by success",
      codes({ values: [0, 1] }),
      [`${path}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`],
    ],
    [
      "by codes twice and out of order",
      codes({ values: [2, 1, 1] }),
      [
        `${path}.onExitCodes.values[2]: Duplicate value: 1`,
        `${path}.onExitCodes.values: Invalid value: [2,1,1]: must be ordered`,
      ],
    ],
    [
      "by no codes",
      codes({ values: [] }),
      [`${path}.onExitCodes.values: Invalid value: []: at least one value is required`],
    ],
    [
      "of an unknown container",
      codes({ containerName: "x" }),
      [
        `${path}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
      ],
    ],
    [
      "of an index without limits",
      {
        ...codes({}),
        podFailurePolicy: { rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [1] } }] },
      },
      [`${path}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
    ],
    [
      "of pods that are started again",
      { ...codes({}), template: { ...template, spec: { ...template.spec, restartPolicy: "OnFailure" } } },
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
    [
      "with early replacements",
      { ...codes({}), podReplacementPolicy: "TerminatingOrFailed" },
      ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findingsOf(jobs, job(spec))).toEqual(expected);
  });
});

describe("a success policy", () => {
  const path = "spec.successPolicy.rules[0]";
  test.each<[string, object, string[]]>([
    ["by count and indexes", { succeededCount: 2, succeededIndexes: "0,2-3" }, []],
    [
      "by nothing",
      {},
      [`${path}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
    ],
    [
      "by more than there are",
      { succeededCount: 11 },
      [
        `${path}.succeededCount: Invalid value: 11: must be less than or equal to 10 (the number of specified completions)`,
      ],
    ],
    [
      "by more than are named",
      { succeededCount: 3, succeededIndexes: "0-1" },
      [
        `${path}.succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
      ],
    ],
    ...(
      [
        [
          "0-2-3",
          `the fragment "0-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
        ],
        ["a", 'cannot convert string to integer for index: "a"'],
        ["10", 'too large index: "10"'],
        ["3-3", "non-increasing order, previous: 3, current: 3"],
        ["3,1", "non-increasing order, previous: 3, current: 1"],
      ] as const
    ).map(([succeededIndexes, why]): [string, object, string[]] => [
      `by ${succeededIndexes}`,
      { succeededIndexes },
      [`${path}.succeededIndexes: Invalid value: "${succeededIndexes}": error parsing succeededIndexes: ${why}`],
    ]),
  ])("%s", (_name, rule, expected) => {
    expect(findingsOf(jobs, job({ ...indexed, successPolicy: { rules: [rule] } }))).toEqual(expected);
  });
});

describe("the status of a job", () => {
  const is = (...types: string[]): JobStatus["conditions"] => types.map((type) => ({ type, status: "True" })) as never;
  const running: JobStatus = { active: 1, ready: 1, startTime: ago(60) };
  const done: JobStatus = {
    succeeded: 1,
    startTime: ago(60),
    completionTime: ago(1),
    conditions: is("SuccessCriteriaMet", "Complete") ?? [],
  };
  test.each<[string, JobStatus, JobStatus, string[]]>([
    ["from running to done", done, running, []],
    ["to running", running, {}, []],
    [
      "to a negative count",
      { ...running, failed: -1 },
      running,
      [
        "status.failed: Invalid value: -1: must be greater than or equal to 0",
        "status.failed: Invalid value: -1: cannot decrease the failed counter",
      ],
    ],
    [
      "to more ready than active",
      { ...running, ready: 2 },
      running,
      ["status.ready: Invalid value: 2: cannot set more ready pods than active"],
    ],
    [
      "to done all at once",
      { conditions: is("Complete") ?? [] },
      {},
      [
        "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        "status.completionTime: Required value: completionTime is required for Complete jobs",
        "status.startTime: Required value: startTime is required for finished job",
      ],
    ],
    [
      "to failed without a target",
      { ...running, active: 0, ready: 0, conditions: is("Failed") ?? [] },
      running,
      ["status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition"],
    ],
    [
      "back from done",
      { ...running, succeeded: 1 },
      done,
      [
        "status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
        "status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition",
      ],
    ],
    [
      "to another end",
      { ...done, completionTime: ago(2) },
      done,
      [`status.completionTime: Invalid value: "${ago(2)}": completionTime cannot be mutated`],
    ],
    [
      "to done with pods that run",
      { ...done, active: 1 },
      running,
      ["status.active: Invalid value: 1: active>0 is invalid for finished job"],
    ],
    [
      "to indexes without any",
      { ...running, completedIndexes: "0" },
      running,
      [
        'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      ],
    ],
    [
      "to pods counted twice",
      { ...running, uncountedTerminatedPods: { succeeded: ["a"], failed: ["a", ""] } },
      running,
      [
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
        'status.uncountedTerminatedPods.failed[1]: Invalid value: "": must not be empty',
      ],
    ],
  ])("%s", (_name, status, before, expected) => {
    expect(findingsOf(jobs, job({}, status), job({}, before), "status")).toEqual(expected);
  });
});

describe("a change of a job", () => {
  const other = { ...template, spec: { ...template.spec, containers: [{ name: "sum", image: "sum:2" }] } };
  const steered = { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } };

  test("of its template is refused", () => {
    expect(findingsOf(jobs, job({ template: other }), job())).toEqual([
      expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/),
    ]);
  });

  test("of where its pods run is fine while it is suspended", () => {
    const suspended = { suspend: true };
    expect(findingsOf(jobs, job({ ...suspended, template: steered }), job(suspended))).toEqual([]);
    expect(findingsOf(jobs, job({ ...suspended, template: other }), job(suspended))).toHaveLength(1);
    expect(findingsOf(jobs, job({ template: steered }), job())).toHaveLength(1);
  });

  test("of completions goes with parallelism, for indexed jobs", () => {
    expect(findingsOf(jobs, job({ completions: 2 }), job())).toEqual([
      "spec.completions: Invalid value: 2: field is immutable",
    ]);
    const indexed = (completions: number): Job =>
      job({ completionMode: "Indexed", completions, parallelism: completions });
    expect(findingsOf(jobs, indexed(5), indexed(3))).toEqual([]);
  });
});
