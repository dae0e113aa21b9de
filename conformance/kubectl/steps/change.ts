import { expect } from "vitest";
import { differences } from "../../contains.ts";
import type { Manifest } from "../../manifests.ts";
import { fetched, holdFinalizer, note, type Subject } from "../subject.ts";

/** Each of these leaves one trace, all of which must be there at the end. */
export async function changeMetadata(subject: Subject): Promise<void> {
  const { kubectl, row, resource, qualified, full, scope } = subject;
  const { name } = full.metadata;
  const on = [resource, name, ...scope];
  const before = JSON.parse(await kubectl.ok(["label", ...on, "tier=one", "gone=soon", "-o", "json"])) as Manifest;
  const refused = await kubectl.exits(1, ["label", ...on, "tier=two"]);
  expect(refused.stderr).toContain("already has a value (one), and --overwrite is false");
  expect(await kubectl.ok(["label", ...on, "tier=two", "--overwrite"])).toBe(`${qualified}/${name} labeled\n`);
  expect(await kubectl.ok(["label", ...on, "gone-"])).toBe(`${qualified}/${name} unlabeled\n`);
  expect(await kubectl.ok(["annotate", ...on, `${note}=second`, "--overwrite"])).toBe(
    `${qualified}/${name} annotated\n`,
  );
  const after = await fetched(subject);
  expect(after.metadata).toMatchObject({
    labels: { tier: "two", suite: "conformance" },
    annotations: { [note]: "second" },
  });
  expect(after.metadata.labels).not.toHaveProperty("gone");
  if (!row.metadataCounts) expect(generationOf(after)).toBe(generationOf(before));
}

/** Three types of patch; the strategic one adds to a list by value, which a merge patch cannot. */
export async function patch(subject: Subject): Promise<void> {
  const { kubectl, resource, qualified, full, scope } = subject;
  const patched = async (
    type: string,
    body: object,
  ): Promise<Manifest["metadata"] & { finalizers?: readonly string[]; annotations?: object }> =>
    (
      JSON.parse(
        await kubectl.ok([
          "patch",
          resource,
          full.metadata.name,
          ...scope,
          `--type=${type}`,
          "-p",
          JSON.stringify(body),
          "-o",
          "json",
        ]),
      ) as Manifest
    ).metadata;
  const merged = await patched("merge", {
    metadata: { annotations: { merged: "yes", passing: "by" }, finalizers: [holdFinalizer] },
  });
  expect(merged).toMatchObject({ annotations: { merged: "yes", [note]: "second" }, finalizers: [holdFinalizer] });
  const replaced = await patched("json", [
    { op: "test", path: "/metadata/annotations/merged", value: "yes" },
    { op: "replace", path: "/metadata/annotations/merged", value: "by JSON" },
    { op: "remove", path: "/metadata/annotations/passing" },
    { op: "add", path: "/metadata/labels/sl~1ash", value: "escaped" },
  ]);
  expect(replaced).toMatchObject({ annotations: { merged: "by JSON" }, labels: { "sl/ash": "escaped" } });
  expect(replaced.annotations).not.toHaveProperty("passing");
  const added = await patched("strategic", {
    metadata: { finalizers: ["conformance.example/second"], annotations: { merged: null } },
  });
  expect(added.finalizers).toEqual(expect.arrayContaining([holdFinalizer, "conformance.example/second"]));
  expect(added.annotations).not.toHaveProperty("merged");
  const shortened = await patched("strategic", {
    metadata: { "$deleteFromPrimitiveList/finalizers": ["conformance.example/second"] },
  });
  expect(shortened.finalizers).toContain(holdFinalizer);
  expect(shortened.finalizers).not.toContain("conformance.example/second");
  expect(Object.keys(shortened).filter((key) => key.startsWith("$"))).toEqual([]);
  const same = JSON.stringify({ metadata: { labels: { suite: "conformance" } } });
  expect(await kubectl.ok(["patch", resource, full.metadata.name, ...scope, "--type=merge", "-p", same])).toBe(
    `${qualified}/${full.metadata.name} patched (no change)\n`,
  );
}

export async function edit(subject: Subject): Promise<void> {
  const { kubectl, resource, qualified, full, scope } = subject;
  const on = [resource, full.metadata.name, ...scope];
  const changed = await kubectl.ok(["edit", ...on], { env: { KUBE_EDITOR: `sed -i s/tier:\\ two/tier:\\ three/` } });
  expect(changed).toBe(`${qualified}/${full.metadata.name} edited\n`);
  const unchanged = await kubectl.run(["edit", ...on], { env: { KUBE_EDITOR: "true" } });
  expect(`${unchanged.stdout}${unchanged.stderr}`).toContain("Edit cancelled, no changes made.");
}

export async function changeStatus(subject: Subject): Promise<void> {
  const { kubectl, row, resource, full, scope } = subject;
  const before = await fetched(subject, "--subresource=status");
  expect(before.kind).toBe(full.kind);
  const body = JSON.stringify({ status: row.status });
  const args = [
    "patch",
    resource,
    full.metadata.name,
    ...scope,
    "--subresource=status",
    "--type=merge",
    "-p",
    body,
    "-o",
    "json",
  ];
  const patched = JSON.parse(await kubectl.ok(args)) as Manifest;
  expect(differences(row.status, patched["status"])).toEqual([]);
  expect(generationOf(patched)).toBe(generationOf(before));
  expect(patched["spec"]).toEqual(before["spec"]);
}

/** A PUT of what was read, changed; without a resourceVersion, so that controllers may have been faster. */
export async function replace(subject: Subject): Promise<void> {
  const { kubectl, resource, full, scope } = subject;
  // As text: the integers in some objects are larger than JavaScript's.
  const current = await kubectl.ok(["get", resource, full.metadata.name, ...scope, "-o", "json"]);
  const unversioned = current.replace(/^ *"resourceVersion": .*\n/m, "");
  const body = unversioned.replace('"tier": "three"', '"replaced": "yes"');
  expect(body, "what edit wrote").not.toBe(unversioned);
  const { labels } = (
    JSON.parse(await kubectl.ok(["replace", ...scope, "-f", "-", "-o", "json"], { stdin: body })) as Manifest
  ).metadata;
  expect(labels).toMatchObject({ replaced: "yes" });
  expect(labels).not.toHaveProperty("tier");
  const stale = current.replace(/"resourceVersion": "\d+"/, '"resourceVersion": "1"');
  const conflict = await kubectl.exits(1, ["replace", ...scope, "-f", "-"], { stdin: stale });
  expect(conflict.stderr).toContain("Error from server (Conflict): error when replacing");
  expect(conflict.stderr).toContain(
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

const generationOf = ({ metadata }: Manifest): unknown => (metadata as { generation?: number }).generation;
