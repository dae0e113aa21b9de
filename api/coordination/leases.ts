import type { Lease, LeaseSpec } from "../generated/types/coordination-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, nonNegative, unsupported } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const leases: ResourceRow = defineResource<Lease>({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  definition: "io.k8s.api.coordination.v1.Lease",
  storageVersionHash: "gqkMMb/YqFM=",
  createOnUpdate: true,
  validate: ({ spec }) => validateSpec(spec ?? {}),
  table: {
    columns: [nameColumn, { name: "Holder", type: "string", description: "Who holds it." }, ageColumn],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec?.holderIdentity ?? "",
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validateSpec({
  leaseDurationSeconds: seconds,
  leaseTransitions,
  preferredHolder,
  strategy,
}: DeepReadonly<LeaseSpec>): FieldError[] {
  const findings: FieldError[] = [];
  if (seconds !== undefined && seconds <= 0)
    findings.push(bad("spec.leaseDurationSeconds", seconds, "must be greater than 0"));
  findings.push(...nonNegative("spec.leaseTransitions", leaseTransitions));
  if (strategy) findings.push(...validateStrategy(strategy));
  if (preferredHolder && !strategy) {
    findings.push(forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"));
  }
  return findings;
}

const strategies = ["OldestEmulationVersion"];

/** Who holds a lease that is elected for: upstream's own way, or one of another domain. */
function validateStrategy(strategy: string): FieldError[] {
  const path = "spec.strategy";
  if (!strategy.includes("/")) return strategies.includes(strategy) ? [] : [unsupported(path, strategy, strategies)];
  return named(path, strategy, labelKey(strategy));
}
