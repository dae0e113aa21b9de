import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ending, job, podTemplate } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** What runs to its end. */
describe("a job", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("jobs");
    // It takes its time between two attempts, during which others are looked at.
    await stage.create(job("stubborn", { backoffLimit: 1, template: ending(3) }));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const podsOf = (name: string): Promise<readonly string[]> => stage.rows("pods", "-l", `job-name=${name}`);

  test("runs a pod to its end", async () => {
    expect(await stage.ok("create", "job", "hello", "--image=busybox:1.37", "--", "echo", "hello")).toBe(
      "job.batch/hello created\n",
    );
    await stage.untilIs("job/hello", "Complete");
    expect(await stage.rows("job", "hello")).toEqual([
      expect.stringMatching(/^hello \| Complete \| 1\/1 \| \S+ \| \S+$/),
    ]);
    expect(await podsOf("hello")).toEqual([
      expect.stringMatching(/^hello-[0-9a-z]{5} \| 0\/1 \| Completed \| 0 \| \S+$/),
    ]);
    const description = await stage.ok("describe", "job", "hello");
    expect(description).toMatch(/Pods Statuses: {4}0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed/);
    expect(await stage.events("job/hello")).toEqual([
      expect.stringMatching(/^Normal \| SuccessfulCreate \| job-controller \| Created pod: hello-[0-9a-z]{5}$/),
      "Normal | Completed | job-controller | Job completed",
    ]);
  });

  test("of many completions runs so many pods at a time", async () => {
    await stage.create(job("many", { completions: 5, parallelism: 2, template: ending(0) }));
    await stage.untilIs("job/many", "Complete");
    expect(await stage.value("job/many", ".status.succeeded")).toBe("5");
    expect(await podsOf("many")).toHaveLength(5);
    expect(await stage.rows("job", "many")).toEqual([expect.stringMatching(/^many \| Complete \| 5\/5 \|/)]);
  });

  test("of indexed completions gives each pod its number", async () => {
    await stage.create(
      job("indexed", { completions: 3, parallelism: 3, completionMode: "Indexed", template: ending(0) }),
    );
    await stage.untilIs("job/indexed", "Complete");
    expect(await stage.value("job/indexed", ".status.completedIndexes")).toBe("0-2");
    const pods = await stage.ok(
      ...["get", "pods", "-l", "job-name=indexed", "--sort-by=.spec.hostname"],
      ...[
        "-o",
        "jsonpath={range .items[*]}{.spec.hostname} {.metadata.labels.batch\\.kubernetes\\.io/job-completion-index}{'\\n'}{end}",
      ],
    );
    expect(pods).toBe("indexed-0 0\nindexed-1 1\nindexed-2 2\n");
  });

  test("that fails is given up at once where it may not be tried again", async () => {
    await stage.create(job("failing", { backoffLimit: 0, template: ending(1) }));
    await stage.untilIs("job/failing", "Failed");
    expect(await stage.rows("job", "failing")).toEqual([expect.stringMatching(/^failing \| Failed \| 0\/1 \|/)]);
    expect(await podsOf("failing")).toEqual([expect.stringMatching(/\| 0\/1 \| Error \| 0 \|/)]);
    expect(await stage.value("job/failing", '.status.conditions[?(@.type=="Failed")]')).toContain(
      '"message":"Job has reached the specified backoff limit","reason":"BackoffLimitExceeded"',
    );
    await stage.untilEvent("job/failing", "Job has reached the specified backoff limit");
    const { stderr } = await stage.kubectl.exits(1, [
      ...["wait", "--for=condition=complete", "job/failing", "-n", stage.namespace, "--timeout=1s"],
    ]);
    expect(stderr).toContain("timed out waiting for the condition on jobs/failing");
  });

  test("fails by index, and by what its policy says of an exit code", async () => {
    const template = ending(42);
    const perIndex = { completions: 2, parallelism: 2, completionMode: "Indexed", backoffLimitPerIndex: 0 };
    const rules = [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }];
    await stage.create(
      job("by-index", { ...perIndex, template }),
      job("by-policy", { podFailurePolicy: { rules }, template }),
    );
    await stage.untilIs("job/by-index", "Failed");
    expect(await stage.value("job/by-index", ".status.failedIndexes")).toBe("0,1");
    await stage.untilIs("job/by-policy", "Failed");
    expect(await stage.value("job/by-policy", '.status.conditions[?(@.type=="Failed")].message')).toMatch(
      new RegExp(
        `^Container app for pod ${stage.namespace}/by-policy-[0-9a-z]{5} failed with exit code 42 matching FailJob rule at index 0$`,
      ),
    );
  });

  test("that is suspended waits, and goes on", async () => {
    await stage.create(job("paused", { suspend: true, template: ending(0) }));
    await stage.untilIs("job/paused", "Suspended");
    expect(await podsOf("paused")).toEqual([]);
    expect(await stage.rows("job", "paused")).toEqual([expect.stringMatching(/^paused \| Suspended \| 0\/1 \|/)]);
    await stage.ok("patch", "job", "paused", "-p", '{"spec":{"suspend":false}}');
    await stage.untilIs("job/paused", "Complete");
    const reasons = (await stage.events("job/paused")).map((line) => line.split(" | ")[1]);
    expect(reasons.toSorted()).toEqual(["Completed", "Resumed", "SuccessfulCreate", "Suspended"]);
  });

  test("that has no more time is ended", async () => {
    const annotations = { "simulated.wherry.dev/exit-after": "1h" };
    const template = podTemplate({ annotations, spec: { restartPolicy: "Never" } });
    await stage.create(job("slow", { activeDeadlineSeconds: 1, template }));
    await stage.untilIs("job/slow", "Failed");
    expect(await stage.value("job/slow", '.status.conditions[?(@.type=="Failed")]')).toContain(
      '"message":"Job was active longer than specified deadline","reason":"DeadlineExceeded"',
    );
    await stage.ok("wait", "--for=delete", "pods", "-l", "job-name=slow", "--timeout=35s");
  });

  test("is cleared away after its time, with its pods", async () => {
    await stage.create(job("brief", { ttlSecondsAfterFinished: 1, template: ending(0) }));
    await stage.ok("wait", "--for=delete", "job/brief", "--timeout=35s");
    await stage.ok("wait", "--for=delete", "pods", "-l", "job-name=brief", "--timeout=35s");
  });

  test("that fails is tried again, ten seconds later, as often as it may", async () => {
    await stage.untilIs("job/stubborn", "Failed");
    expect(await stage.value("job/stubborn", ".status.failed")).toBe("2");
    expect(await podsOf("stubborn")).toHaveLength(2);
  });
});
