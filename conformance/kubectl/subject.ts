import { manifestFile, readManifest, type Manifest } from "../manifests.ts";
import type { KindRow } from "./kinds.ts";
import type { Kubectl } from "./kubectl.ts";

/** One kind on its way through the suite. */
export interface Subject {
  readonly row: KindRow;
  readonly kubectl: Kubectl;
  /** The resource argument of every command. */
  readonly resource: string;
  readonly minimal: Manifest;
  readonly full: Manifest;
  readonly files: { readonly minimal: string; readonly full: string };
  /** `-n NAME`, or nothing for kinds without a namespace. */
  readonly scope: readonly string[];
  readonly namespace: string | undefined;
  /** How kubectl names the kind in its messages: `deployment.apps`. */
  readonly qualified: string;
  /** /api/v1/namespaces/NAME/configmaps */
  readonly path: string;
}

export const holdFinalizer = "conformance.example/hold";
export const note = "conformance.example/note";

export function subjectOf(row: KindRow, kubectl: Kubectl, namespaceOf: (row: KindRow) => string): Subject {
  const [minimal, full] = [readManifest(row.folder, "minimal"), readManifest(row.folder, "full")];
  const namespace = row.cluster ? undefined : (full.metadata.namespace ?? namespaceOf(row));
  const [group = ""] = full.apiVersion.includes("/") ? full.apiVersion.split("/") : [];
  const plural = row.folder.slice(row.folder.indexOf("/") + 1);
  return {
    row,
    kubectl,
    resource: row.resource,
    minimal,
    full,
    files: { minimal: manifestFile(row.folder, "minimal"), full: manifestFile(row.folder, "full") },
    scope: namespace === undefined ? [] : ["-n", namespace],
    namespace,
    qualified: group === "" ? full.kind.toLowerCase() : `${full.kind.toLowerCase()}.${group}`,
    path: [
      group === "" ? "/api" : "/apis",
      full.apiVersion,
      ...(namespace === undefined ? [] : ["namespaces", namespace]),
      plural,
    ].join("/"),
  };
}

/** The object as the server has it. */
export async function fetched(
  { kubectl, resource, full, scope }: Subject,
  ...args: readonly string[]
): Promise<Manifest> {
  return JSON.parse(
    await kubectl.ok(["get", resource, full.metadata.name, ...scope, "-o", "json", ...args]),
  ) as Manifest;
}

/** Lets go of an object that only we hold on to: controllers take their finalizers away themselves. */
export async function release({ kubectl, resource, scope }: Subject, name: string): Promise<void> {
  const patch = JSON.stringify({ metadata: { "$deleteFromPrimitiveList/finalizers": [holdFinalizer] } });
  await kubectl.ok(["patch", resource, name, ...scope, "--type=strategic", "-p", patch]);
}

export async function untilGone({ kubectl, resource, scope }: Subject, name: string): Promise<void> {
  await kubectl.ok(["wait", "--for=delete", `${resource}/${name}`, ...scope, "--timeout=30s"]);
}
