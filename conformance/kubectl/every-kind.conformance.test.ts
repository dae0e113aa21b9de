import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { realClock } from "../../base/clock.ts";
import { manifestFolders } from "../manifests.ts";
import { openTarget, type Target } from "../target.ts";
import { kinds, type KindRow } from "./kinds.ts";
import { createKubectl, type Kubectl } from "./kubectl.ts";
import { apply } from "./steps/apply.ts";
import { changeMetadata, changeStatus, edit, patch, refusePatch, replace } from "./steps/change.ts";
import { create } from "./steps/create.ts";
import { deleteHeld, deleteNow, deleteTheRest, replaceByForce } from "./steps/delete.ts";
import { describeBoth } from "./steps/describe.ts";
import { explain } from "./steps/explain.ts";
import { readLists, readObjects, readParts, readTables } from "./steps/read.ts";
import { subjectOf, type Subject } from "./subject.ts";
import { walk, type Step } from "./walk.ts";

const beforeChanges: readonly Step[] = [create, readTables, readObjects, readParts, readLists, explain, describeBoth];
const changes: readonly Step[] = [changeMetadata, patch, refusePatch, edit, changeStatus, replace, deleteHeld];
const afterwards: readonly Step[] = [deleteNow, apply, replaceByForce, deleteTheRest];

describe("kubectl 1.36 takes every built-in kind through every command", () => {
  const run = realClock.now().toString(36);
  const namespaceOf = ({ folder }: KindRow): string => `conformance-${folder.replaceAll(/[/.]/g, "-")}-${run}`.slice(-63).replace(/^-+/, "");
  const eventsNamespace = "conformance-events";
  const namespaces = [...kinds.filter(({ cluster }) => cluster === undefined).map(namespaceOf), eventsNamespace];
  let target: Target;
  let kubectl: Kubectl;

  beforeAll(async () => {
    target = await openTarget();
    kubectl = await createKubectl(36, target.kubeconfig);
    const objects = (kind: string, metadata: readonly object[]): string =>
      stringify({ apiVersion: "v1", kind: "List", items: metadata.map((each) => ({ apiVersion: "v1", kind, metadata: each })) });
    await kubectl.ok(["create", "-f", "-"], { stdin: objects("Namespace", namespaces.map((name) => ({ name }))) });
    // A cluster with controllers makes them, too, and may be faster.
    await kubectl.run(["create", "-f", "-"], {
      stdin: objects("ServiceAccount", namespaces.map((namespace) => ({ namespace, name: "default" }))),
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

  test.concurrent.each(kinds)("$folder", async (row) => {
    const subject = subjectOf(row, kubectl, namespaceOf);
    await walk(subject, beforeChanges);
    await watched(subject, () => walk(subject, changes));
    await walk(subject, afterwards);
  });
});

/** `get -w` prints the changes as they come, in the columns of the kind. */
async function watched({ kubectl, row, resource, full, scope }: Subject, changed: () => Promise<void>): Promise<void> {
  await using watch = kubectl.start(["get", resource, full.metadata.name, ...scope, "-w", "--output-watch-events"]);
  const events = (stdout: string): string => stdout.split("\n").map((line) => line.slice(0, line.indexOf(" "))).join(" ").trim();
  await watch.until((stdout) => events(stdout) === "EVENT ADDED");
  await changed();
  const stdout = await watch.until((text) => (row.stays ? /^EVENT ADDED( MODIFIED)+$/ : /^EVENT ADDED( MODIFIED)+ DELETED$/).test(events(text)));
  expect(stdout.split("\n")[0]?.split(/ {2,}/).join(" | ").trim()).toBe(`EVENT | ${row.header}`);
}
