import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { realClock } from "../../base/clock.ts";
import { manifestFolders } from "../manifests.ts";
import { openTarget, type Target } from "../target.ts";
import { kinds, type KindRow } from "./kinds.ts";
import { createKubectl, type Kubectl } from "./kubectl.ts";
import { changesOf, reading, remaking } from "./course.ts";
import { subjectOf } from "./subject.ts";
import { walk } from "./walk.ts";
import { watched } from "./watched.ts";

/** Some kinds are let go of only after seconds, each time; and a busy machine is slow. */
const limitMs = 240_000;

describe("kubectl 1.36 takes every built-in kind through every command", () => {
  const run = realClock.now().toString(36);
  const namespaceOf = ({ folder }: KindRow): string =>
    `conformance-${folder.replaceAll(/[/.]/g, "-")}-${run}`.slice(-63).replace(/^-+/, "");
  const namespaces = kinds.filter(({ cluster }) => cluster === undefined).map(namespaceOf);
  let target: Target;
  let kubectl: Kubectl;

  beforeAll(async () => {
    target = await openTarget();
    kubectl = await createKubectl(36, target.kubeconfig);
    const objects = (kind: string, metadata: readonly object[]): string =>
      stringify({
        apiVersion: "v1",
        kind: "List",
        items: metadata.map((each) => ({ apiVersion: "v1", kind, metadata: each })),
      });
    await kubectl.ok(["create", "-f", "-"], {
      stdin: objects(
        "Namespace",
        namespaces.map((name) => ({ name })),
      ),
    });
    // Before them there can be no pods. A controller makes them, too, and may be faster.
    await kubectl.run(["create", "-f", "-"], {
      stdin: objects(
        "ServiceAccount",
        namespaces.map((namespace) => ({ namespace, name: "default" })),
      ),
    });
  });

  afterAll(async () => {
    if (!target.fresh) await kubectl.run(["delete", "namespaces", ...namespaces, "--wait=false"]);
    await kubectl[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });

  test("there is a row for every folder of manifests", () => {
    expect(kinds.map(({ folder }) => folder).toSorted()).toEqual(manifestFolders().toSorted());
  });

  test.concurrent.each(kinds)(
    "$folder",
    async (row) => {
      const subject = subjectOf(row, kubectl, namespaceOf);
      await walk(subject, reading);
      await watched(subject, () => walk(subject, changesOf(row)));
      await walk(subject, remaking);
    },
    limitMs,
  );
});
