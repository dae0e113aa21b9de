import type { CSIDriver, CSIDriverSpec } from "../generated/types/storage-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, immutable, oneOf, required, unsupportedInOrder } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { orNone } from "../machinery/printing/cells.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateDriverName } from "./class-parameters.ts";

export const csiDrivers: ResourceRow = defineResource<CSIDriver>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  definition: "io.k8s.api.storage.v1.CSIDriver",
  storageVersionHash: "hL6j/rwBV5w=",
  returnsDeleted: true,
  // Unlike other kinds' generation this one does not start at 1: it is set by the first change.
  prepareForUpdate(driver, old) {
    if (semanticEqual(driver.spec, old.spec)) return;
    driver.metadata = { ...driver.metadata, generation: (old.metadata?.generation ?? 0) + 1 };
  },
  validate: ({ metadata, spec }) => [...validateDriverName(metadata?.name ?? "", "name"), ...validateSpec(spec)],
  validateUpdate: ({ spec }, old) => [
    ...immutable("spec.attachedRequired", spec.attachRequired, old.spec.attachRequired),
    ...immutable("spec.volumeLifecycleModes", spec.volumeLifecycleModes, old.spec.volumeLifecycleModes),
  ],
  warn: ({ spec }, old) =>
    (spec.tokenRequests ?? []).length > 0 &&
    spec.serviceAccountTokenInSecrets === undefined &&
    !semanticEqual(spec.tokenRequests, old?.spec.tokenRequests)
      ? [tokensInAttributes]
      : [],
  table: {
    columns: [
      nameColumn,
      {
        name: "AttachRequired",
        type: "boolean",
        description: "Whether volumes must be attached before they are mounted.",
      },
      { name: "PodInfoOnMount", type: "boolean", description: "Whether the driver is told about the pod that mounts." },
      {
        name: "StorageCapacity",
        type: "boolean",
        description: "Whether the scheduler heeds the capacity that the driver reports.",
      },
      {
        name: "TokenRequests",
        type: "string",
        description: "Audiences of the service account tokens that the driver is given.",
      },
      { name: "RequiresRepublish", type: "boolean", description: "Whether mounts are renewed from time to time." },
      { name: "Modes", type: "string", description: "Kinds of volumes that the driver supports." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests?.map(({ audience }) => audience).join(",") ?? "<unset>",
      spec.requiresRepublish ?? false,
      orNone(spec.volumeLifecycleModes?.join(",")),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

const tokensInAttributes =
  "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";
const lifecycleModes = ["Persistent", "Ephemeral"];
const shortestPeriod = 10;
const shortestToken = 10 * 60;
const longestToken = 2 ** 32;

function validateSpec(spec: DeepReadonly<CSIDriverSpec>): FieldError[] {
  const findings: FieldError[] = [];
  if (spec.attachRequired === undefined) findings.push(required("spec.attachedRequired"));
  if (spec.podInfoOnMount === undefined) findings.push(required("spec.podInfoOnMount"));
  if (spec.storageCapacity === undefined) findings.push(required("spec.storageCapacity"));
  findings.push(...oneOf("spec.fsGroupPolicy", spec.fsGroupPolicy, ["File", "None", "ReadWriteOnceWithFSType"]));
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (!lifecycleModes.includes(mode))
      findings.push(unsupportedInOrder("spec.volumeLifecycleModes", mode, lifecycleModes));
  findings.push(...validateTokenRequests(spec.tokenRequests ?? []));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < shortestPeriod) {
    const detail = `must be greater than or equal to ${shortestPeriod} seconds`;
    findings.push(bad("spec.nodeAllocatableUpdatePeriodSeconds", period, detail));
  }
  return findings;
}

function validateTokenRequests(requests: NonNullable<DeepReadonly<CSIDriverSpec["tokenRequests"]>>): FieldError[] {
  const seen = new Set<string>();
  const findings: FieldError[] = [];
  for (const [index, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const path = `spec.tokenRequests[${index}]`;
    if (seen.has(audience)) findings.push(duplicate(`${path}.audience`, audience));
    seen.add(audience);
    if (seconds === undefined) continue;
    if (seconds < shortestToken)
      findings.push(bad(`${path}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"));
    if (seconds > longestToken)
      findings.push(bad(`${path}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  return findings;
}
