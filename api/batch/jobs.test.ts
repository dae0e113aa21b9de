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
    expect(findingsOf(jobs, job(spec))).toEqual([expected]);
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
