import type { ControllerRevision } from "../generated/types/apps-v1.ts";
import { immutable, nonNegative, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const controllerRevisions: ResourceRow = defineResource<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  definition: "io.k8s.api.apps.v1.ControllerRevision",
  storageVersionHash: "85nkx63pcBU=",
  unconditionalUpdate: true,
  validate: ({ data, revision }) => [
    ...(data === undefined || data === null ? [required("data", "data is mandatory")] : []),
    ...nonNegative("revision", revision),
  ],
  validateUpdate: ({ data }, old) => immutable("data", data, old.data),
  table: {
    columns: [
      nameColumn,
      { name: "Controller", type: "string", description: "The object whose history this is a part of." },
      { name: "Revision", type: "string", description: "Where in the history it stands." },
      ageColumn,
    ],
    cells: (revision, { now }) => [
      revision.metadata?.name ?? "",
      controllerOf(revision),
      revision.revision,
      age(revision.metadata?.creationTimestamp, now),
    ],
  },
});

/** As `kubectl` names an object of any kind: `statefulset.apps/web`. */
function controllerOf({ metadata }: DeepReadonly<ControllerRevision>): string {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return "<none>";
  const slash = owner.apiVersion.indexOf("/");
  const kind = slash === -1 ? owner.kind : `${owner.kind}.${owner.apiVersion.slice(0, slash)}`;
  return `${kind.toLowerCase()}/${owner.name}`;
}
