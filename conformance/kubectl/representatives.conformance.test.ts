import { afterAll, beforeAll, describe, test } from "vitest";
import type { Minor } from "./kubectl.ts";
import { changesOf, reading, remaking } from "./course.ts";
import { kinds } from "./kinds.ts";
import { openStage, type Stage } from "./stage.ts";
import { subjectOf } from "./subject.ts";
import { walk } from "./walk.ts";
import { watched } from "./watched.ts";

const representatives = new Set([
  "core/pods",
  "core/configmaps",
  "core/services",
  "core/persistentvolumes",
  "core/persistentvolumeclaims",
  "apps/deployments",
  "rbac.authorization.k8s.io/roles",
  "coordination.k8s.io/leases",
  "apiextensions.k8s.io/customresourcedefinitions",
]);

describe.each([32, 35] satisfies Minor[])("kubectl 1.%i takes a few kinds through every command", (minor) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(minor, "representatives");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test.concurrent.each(kinds.filter(({ folder }) => representatives.has(folder)))("$folder", async (row) => {
    const subject = subjectOf(row, stage.kubectl, () => stage.namespace);
    await walk(subject, reading);
    await watched(subject, () => walk(subject, changesOf(row)));
    await walk(subject, remaking);
  });
});
