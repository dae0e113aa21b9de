import { describe, expect, it } from "vitest";
import type { Deployment, DeploymentSpec } from "../generated/types/apps-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { deployments } from "./deployments.ts";

const context = sampleWriteContext();
const now = Date.parse("2026-01-01T00:05:00Z");

function deployment(spec: Partial<DeploymentSpec> = {}, more: Partial<Deployment> = {}): Deployment {
  return {
    metadata: { name: "web", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { restartPolicy: "Always", containers: [container("app", "nginx:1.29"), container("log", "envoy")] },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      ...spec,
    },
    ...more,
  };
}

function container(name: string, image: string): { name: string; image: string; [more: string]: string } {
  return { name, image, imagePullPolicy: "Always", terminationMessagePolicy: "File" };
}

function findings(object: Deployment): string[] {
  return (deployments.validate?.(object, context) ?? []).map((one) => `${one.field}: ${describeFieldError(one)}`);
}

describe("the table of deployments", () => {
  it("shows counts as kubectl prints them", () => {
    const status = { replicas: 3, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1 };
    expect(deployments.table?.cells(deployment({}, { status }), { now })).toEqual([
      "web",
      "1/3",
      2,
      1,
      "5m",
      "app,log",
      "nginx:1.29,envoy",
      "app=web",
    ]);
  });

  it("shows a deployment that no controller has seen yet", () => {
    const cells = deployments.table?.cells(deployment(), { now }) ?? [];
    expect(cells.slice(1, 4)).toEqual(["0/3", 0, 0]);
  });
});

describe("validation of deployments", () => {
  it("has nothing against a good one", () => {
    expect(findings(deployment())).toEqual([]);
  });

  it.each<[string, Partial<DeploymentSpec>, string]>([
    ["negative replicas", { replicas: -1 }, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    [
      "an empty selector",
      { selector: {} },
      "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
    ],
    [
      "a selector that does not find its pods",
      { selector: { matchLabels: { app: "other" } } },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      "an update in place and by surge of nothing",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "0%" } } },
      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
    ],
    [
      "more than all unavailable",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "101%", maxSurge: 1 } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      "a share that is none",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: "some" } } },
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"some\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
    [
      "parameters of a strategy that has none",
      { strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      "an unknown strategy",
      { strategy: { type: "Hope" } },
      'spec.strategy.type: Unsupported value: "Hope": supported values: "Recreate", "RollingUpdate"',
    ],
    [
      "a deadline before pods can be available",
      { minReadySeconds: 30, progressDeadlineSeconds: 30 },
      "spec.progressDeadlineSeconds: Invalid value: 30: must be greater than minReadySeconds",
    ],
  ])("refuses %s", (_what, spec, finding) => {
    expect(findings(deployment(spec))).toEqual([finding]);
  });

  it("says of labels that are not there that they are null, and nothing when the selector is wrong", () => {
    const bare = deployment();
    delete bare.spec?.template.metadata;
    expect(findings(bare)).toEqual([
      "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
    ]);
    const [only, ...rest] = findings(deployment({ selector: { matchLabels: { app: "web", "Bad Key!": "v" } } }));
    expect(only).toContain('spec.selector.matchLabels: Invalid value: "Bad Key!"');
    expect(rest).toEqual([]);
  });

  it("refuses pods that end", () => {
    const once = deployment();
    Object.assign(once.spec?.template.spec ?? {}, { restartPolicy: "Never", activeDeadlineSeconds: 5 });
    expect(findings(once)).toEqual([
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
    ]);
  });

  it("asks for a selector, which decoding leaves null", () => {
    const without = { ...deployment(), spec: { ...deployment().spec, selector: null } };
    expect(deployments.validate?.(without, context)).toContainEqual({
      type: "Required",
      field: "spec.selector",
      detail: "",
    });
  });

  it("keeps the selector", () => {
    const changed = deployment({ selector: { matchLabels: { app: "new" } } });
    expect(deployments.validateUpdate?.(changed, deployment(), context)).toEqual([
      {
        type: "Invalid",
        field: "spec.selector",
        value: { matchLabels: { app: "new" } },
        detail: "field is immutable",
      },
    ]);
    expect(deployments.validateUpdate?.(deployment({ replicas: 9 }), deployment(), context)).toEqual([]);
  });

  it("judges a status write by the status alone", () => {
    const broken = deployment({ replicas: -1 }, { status: { replicas: 1, readyReplicas: 2 } });
    const findingsOfStatus = deployments.validate?.(broken, sampleWriteContext({ subresource: "status" })) ?? [];
    expect(findingsOfStatus.map(({ field, detail }) => [field, detail])).toEqual([
      ["status.readyReplicas", "cannot be greater than status.replicas"],
    ]);
  });
});
