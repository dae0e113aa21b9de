import type { PriorityClass } from "../generated/types/scheduling-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { forbidden, immutable, required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

const highestOfUsers = 1_000_000_000;
const systemPrefix = "system-";
const systemClasses: ReadonlyMap<string, number> = new Map([
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);

export const priorityClasses: ResourceRow = defineResource<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  definition: "io.k8s.api.scheduling.v1.PriorityClass",
  storageVersionHash: "1QwjyaZjj3Y=",
  generation: () => [],
  unconditionalUpdate: true,
  validate: (priorityClass) => [...validateValue(priorityClass), ...validatePreemption(priorityClass.preemptionPolicy)],
  validateUpdate: ({ value, preemptionPolicy }, old) => [
    ...((value ?? 0) === (old.value ?? 0) ? [] : [forbidden("value", "may not be changed in an update.")]),
    ...immutable("preemptionPolicy", preemptionPolicy, old.preemptionPolicy),
  ],
  table: {
    columns: [
      nameColumn,
      { name: "Value", type: "integer", description: "The priority that pods of this class get." },
      { name: "Global-Default", type: "boolean", description: "Whether pods that name no class get this one." },
      ageColumn,
      { name: "PreemptionPolicy", type: "string", description: "Whether its pods may push others out." },
    ],
    cells: ({ metadata, value, globalDefault, preemptionPolicy }, { now }) => [
      metadata?.name ?? "",
      value ?? 0,
      globalDefault ?? false,
      age(metadata?.creationTimestamp, now),
      preemptionPolicy ?? "",
    ],
  },
});

function validateValue({ metadata, value = 0, globalDefault = false }: DeepReadonly<PriorityClass>): FieldError[] {
  const name = metadata?.name ?? "";
  if (!name.startsWith(systemPrefix)) {
    return value > highestOfUsers
      ? [forbidden("value", `maximum allowed value of a user defined priority is ${highestOfUsers}`)]
      : [];
  }
  const why = systemMismatch(name, value, globalDefault);
  if (why === undefined) return [];
  return [
    forbidden(
      "metadata.name",
      `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`,
    ),
  ];
}

function systemMismatch(name: string, value: number, globalDefault: boolean): string | undefined {
  const wanted = systemClasses.get(name);
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validatePreemption(policy: string | undefined): FieldError[] {
  if (policy === undefined) return [];
  if (policy === "") return [required("preemptionPolicy")];
  const known = ["PreemptLowerPriority", "Never"];
  return known.includes(policy) ? [] : [unsupported("preemptionPolicy", policy, known)];
}
