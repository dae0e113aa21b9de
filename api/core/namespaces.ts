import type { Namespace } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";

export const namespaces: ResourceRow = defineResource<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  definition: "io.k8s.api.core.v1.Namespace",
  storageVersionHash: "Q3oi5N2YM8M=",
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: [
    { name: "finalize", verbs: ["update"] },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  reset: { main: ["status"], status: ["spec"], finalize: ["status"] },
  unconditionalUpdate: true,
  nameRule: "dnsLabel",
  prepareForCreate(namespace) {
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"] };
    namespace.status = { phase: "Active" };
  },
  prepareForUpdate(namespace, old, { subresource }) {
    if (subresource !== "") return;
    // Only /finalize takes a finalizer off, so that what a namespace holds is never left behind.
    namespace.spec = old.spec?.finalizers === undefined ? {} : { finalizers: [...old.spec.finalizers] };
  },
  markDeleting(namespace) {
    namespace.status = { ...namespace.status, phase: "Terminating" };
  },
  isHeld: ({ spec }) => (spec?.finalizers ?? []).length > 0,
  validate,
  validateUpdate,
  selectableFields: { "status.phase": ({ status }) => status?.phase ?? "" },
  table: {
    columns: [nameColumn, { name: "Status", type: "string", description: "Active, or Terminating." }, ageColumn],
    cells: ({ metadata, status }, { now }) => [
      metadata?.name ?? "",
      status?.phase ?? "",
      age(metadata?.creationTimestamp, now),
    ],
  },
});

/** An ordinary update keeps the finalizers that are there. */
function validate({ spec }: DeepReadonly<Namespace>, { operation, subresource }: WriteContext): FieldError[] {
  if (operation === "update" && subresource !== "finalize") return [];
  const path = "spec.finalizers";
  return (spec?.finalizers ?? []).flatMap((finalizer, index) =>
    validateFinalizer(operation === "create" ? path : `${path}[${index}]`, finalizer),
  );
}

const standardFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

function validateFinalizer(field: string, finalizer: string): FieldError[] {
  const findings = named(field, finalizer, labelKey(finalizer));
  if (findings.length === 0 && !finalizer.includes("/") && !standardFinalizers.has(finalizer)) {
    findings.push(bad(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
  }
  return findings;
}

function validateUpdate(
  namespace: DeepReadonly<Namespace>,
  _old: DeepReadonly<Namespace>,
  { subresource }: WriteContext,
): FieldError[] {
  if (subresource !== "status") return [];
  const phase = namespace.status?.phase ?? "";
  const going = namespace.metadata?.deletionTimestamp !== undefined;
  if (phase === (going ? "Terminating" : "Active")) return [];
  const why = going
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty";
  return [bad("status.Phase", phase, why)];
}
