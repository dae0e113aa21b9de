import { expect } from "vitest";
import { fetched, holdFinalizer, note, release, untilGone, type Subject } from "../subject.ts";

/** A held object goes when its last finalizer does, and `wait` sees that. */
export async function deleteHeld(subject: Subject): Promise<void> {
  const { kubectl, resource, qualified, full, scope } = subject;
  const { name } = full.metadata;
  const waited = await kubectl.ok([
    "wait",
    "--for=jsonpath={.metadata.labels.suite}=conformance",
    `${resource}/${name}`,
    ...scope,
  ]);
  expect(waited).toBe(`${qualified}/${name} condition met\n`);
  const said = await kubectl.ok(["delete", resource, name, ...scope, "--cascade=foreground", "--wait=false"]);
  expect(said).toMatch(deleted(qualified, name));
  expect((await fetched(subject)).metadata).toMatchObject({
    deletionTimestamp: expect.stringMatching(/Z$/),
    finalizers: expect.arrayContaining([holdFinalizer]),
  });
  await using gone = kubectl.start(["wait", "--for=delete", `${resource}/${name}`, ...scope, "--timeout=30s"]);
  await release(subject, name);
  await gone.ended();
  // It says nothing when the object was gone before it looked.
  expect(["", `${qualified}/${name} condition met\n`]).toContain(gone.text());
}

export async function deleteNow(subject: Subject): Promise<void> {
  const { kubectl, qualified, minimal, files, scope } = subject;
  const said = await kubectl.ok(["delete", "-f", files.minimal, ...scope, "--now"]);
  expect(said).toMatch(deleted(qualified, minimal.metadata.name));
}

/** Deleted and made anew: without what apply had left on it. */
export async function replaceByForce(subject: Subject): Promise<void> {
  const { kubectl, qualified, full, files, scope } = subject;
  const said = await kubectl.ok(["replace", "--force", "-f", files.full, ...scope]);
  expect(said).toMatch(deleted(qualified, full.metadata.name));
  expect(said).toContain(`${qualified}/${full.metadata.name} replaced\n`);
  const { annotations } = (await fetched(subject)).metadata as { annotations?: object };
  expect(annotations).toMatchObject({ [note]: "first" });
  expect(annotations).not.toHaveProperty(["kubectl.kubernetes.io/last-applied-configuration"]);
}

/** By label with orphaning, then all that is left. */
export async function deleteTheRest(subject: Subject): Promise<void> {
  const { kubectl, row, resource, qualified, minimal, full, scope } = subject;
  const said = await kubectl.ok([
    "delete",
    resource,
    "-l",
    "suite=conformance",
    ...scope,
    "--cascade=orphan",
    "--wait=false",
  ]);
  expect(said).toMatch(deleted(qualified, full.metadata.name));
  await untilGone(subject, full.metadata.name);
  // Others may live beside it.
  const alone = row.cluster === true || full.metadata.namespace !== undefined;
  const rest = alone ? [minimal.metadata.name, "--grace-period=0", "--force"] : ["--all", "--cascade=background"];
  expect(await kubectl.ok(["delete", resource, ...rest, ...scope])).toMatch(deleted(qualified, minimal.metadata.name));
  const { stdout, stderr } = await kubectl.run(["get", resource, minimal.metadata.name, full.metadata.name, ...scope]);
  expect(stdout).toBe("");
  expect(stderr.match(/NotFound/g)).toHaveLength(2);
}

/** Newer kubectls add the namespace. */
function deleted(qualified: string, name: string): RegExp {
  return new RegExp(`^${qualified} "${name}" (?:force )?deleted(?: from \\S+ namespace)?$`, "m");
}
