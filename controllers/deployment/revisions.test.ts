import { describe, expect, it } from "vitest";
import type { Deployment } from "../../api/generated/types/apps-v1.ts";
import { boundsOf } from "./bounds.ts";
import type { SeenSet } from "./replica-sets.ts";
import { annotationsOfNewest } from "./revisions.ts";
import { rollbackOf } from "./rollback.ts";
import { templateHash } from "./template-hash.ts";

const revision = (number: string): SeenSet => ({
  metadata: {
    name: `v${number}`,
    annotations: { "deployment.kubernetes.io/revision": number, cause: `change ${number}` },
  },
  spec: { selector: {}, template: { spec: { containers: [{ name: "web", image: `web:${number}` }] } } },
});

const deployment: Deployment = {
  metadata: {
    name: "web",
    annotations: {
      cause: "change 3",
      "kubectl.kubernetes.io/last-applied-configuration": "{}",
      "deployment.kubernetes.io/revision": "3",
    },
  },
  spec: { selector: {}, template: { spec: { containers: [{ name: "web", image: "web:3" }] } } },
};

describe("the annotations of the newest ReplicaSet", () => {
  it("are the Deployment's, and the next revision", () => {
    expect(annotationsOfNewest(deployment, {}, [revision("1"), revision("2")])).toEqual({
      cause: "change 3",
      "deployment.kubernetes.io/revision": "3",
    });
  });

  it("tell which revisions it was before", () => {
    const before = { "deployment.kubernetes.io/revision": "2", "deployment.kubernetes.io/revision-history": "1" };
    expect(annotationsOfNewest(deployment, before, [revision("4")])).toMatchObject({
      "deployment.kubernetes.io/revision": "5",
      "deployment.kubernetes.io/revision-history": "1,2",
    });
  });

  it("keep a revision that is higher already, or that is none", () => {
    const key = "deployment.kubernetes.io/revision";
    expect(annotationsOfNewest(deployment, { [key]: "9" }, [revision("4")])[key]).toBe("9");
    expect(annotationsOfNewest(deployment, { [key]: "nine" }, [revision("4")])).toEqual({ [key]: "nine" });
  });

  it("bound the history", () => {
    const history = Array.from({ length: 500 }, (_, at) => String(1000 + at)).join(",");
    const before = {
      "deployment.kubernetes.io/revision": "2000",
      "deployment.kubernetes.io/revision-history": history,
    };
    const after =
      annotationsOfNewest(deployment, before, [revision("4000")])["deployment.kubernetes.io/revision-history"] ?? "";
    expect(after.length).toBeLessThanOrEqual(2000);
    expect(after.endsWith(",2000")).toBe(true);
  });
});

describe("going back to a revision by the old annotation", () => {
  const sets = [revision("1"), revision("2"), revision("3")];
  const wishing = (wish: string): Deployment => ({
    ...deployment,
    metadata: {
      ...deployment.metadata,
      annotations: { ...deployment.metadata?.annotations, "deprecated.deployment.rollback.to": wish },
    },
  });

  it("takes the template and the annotations of that revision", () => {
    const rollback = rollbackOf(wishing("1"), sets);
    expect(rollback?.deployment.spec?.template.spec?.containers[0]?.image).toBe("web:1");
    expect(rollback?.deployment.metadata?.annotations).toEqual({
      ...deployment.metadata?.annotations,
      cause: "change 1",
    });
    expect(rollback?.event).toEqual({
      type: "Normal",
      reason: "DeploymentRollback",
      message: 'Rolled back deployment "web" to revision 1',
    });
  });

  it.each([
    ["0", "DeploymentRollback"],
    ["3", "DeploymentRollbackTemplateUnchanged"],
    ["7", "DeploymentRollbackRevisionNotFound"],
  ])("answers the wish for %s with %s, and drops it", (wish, reason) => {
    const rollback = rollbackOf(wishing(wish), sets);
    expect(rollback?.event.reason).toBe(reason);
    expect(rollback?.deployment.metadata?.annotations).not.toHaveProperty("deprecated.deployment.rollback.to");
  });

  it("ignores what is no number", () => {
    expect(rollbackOf(wishing("the last one"), sets)).toBeUndefined();
    expect(rollbackOf(deployment, sets)).toBeUndefined();
  });
});

describe("the hash of a template", () => {
  it("does not depend on the order of members, nor on empty ones", () => {
    const one = {
      metadata: { labels: { app: "web", tier: "front" } },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    };
    const other = {
      spec: { containers: [{ image: "nginx", name: "web", env: [] }] },
      metadata: { labels: { tier: "front", app: "web" } },
    };
    expect(templateHash(one)).toBe(templateHash(other));
    expect(templateHash(one)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });

  it("is another one with each collision", () => {
    expect(new Set([undefined, 0, 1, 2].map((count) => templateHash({}, count))).size).toBe(4);
  });
});

describe("the bounds of a rollout", () => {
  it.each<[number, number | string, number | string, number, number]>([
    [10, "25%", "25%", 3, 2],
    [2, "0%", "1%", 0, 1],
    [1, "0%", "1%", 0, 1],
    [2, "1%", "25%", 1, 0],
    [0, "25%", "25%", 0, 0],
    [3, 0, 5, 0, 3],
    [3, "x", "y", 0, 1],
  ])("of %i pods with a surge of %s and %s unavailable", (replicas, maxSurge, maxUnavailable, surge, unavailable) => {
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
    const bounds = boundsOf({ spec: { replicas, strategy, selector: {}, template: {} } });
    expect(bounds).toEqual({ wanted: replicas, maxSurge: surge, maxUnavailable: unavailable });
  });
});
