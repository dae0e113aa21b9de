import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  ResourceClaim,
  ResourceClaimStatus,
} from "../generated/types/resource-v1.ts";
import { validateNodeSelector } from "../core/node-selector-validation.ts";
import { validateConditions } from "../machinery/condition-validation.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, required, tooLong, tooMany } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateDriverName } from "../storage/class-parameters.ts";
import { validateRequestRef, validateRequestRefs } from "./device-claim-validation.ts";
import { validateConfiguration, validateRaw } from "./device-configuration.ts";
import { validateList } from "./device-lists.ts";
import { validateDeviceName, validatePoolName, validateShareId } from "./device-names.ts";
import { validateBinding, validateTolerations } from "./device-taints.ts";

type Claim = DeepReadonly<ResourceClaim>;
type Status = DeepReadonly<ResourceClaimStatus>;

const most = { reservedFor: 256, results: 32, configurations: 64, conditions: 8, ips: 16 };
const longest = { interfaceName: 256, hardwareAddress: 128 };

/** Who allocates, reserves and drives devices reports it here; an allocation stands until it is taken back whole. */
export function validateClaimStatus(claim: Claim, old: Claim): FieldError[] {
  const status = claim.status ?? {};
  const before = old.status ?? {};
  return [
    ...validateList(status.reservedFor, "status.reservedFor", {
      most: most.reservedFor,
      item: (user, path) =>
        (["resource", "name", "uid"] as const).flatMap((field) => (user[field] ? [] : [required(`${path}.${field}`)])),
      key: ({ uid }) => uid,
    }),
    ...validateDevices(status),
    ...validateReservations(claim, status, before),
    ...validateAllocation(claim, status.allocation, before.allocation),
  ];
}

function validateReservations({ metadata }: Claim, status: Status, before: Status): FieldError[] {
  const users = status.reservedFor ?? [];
  if (users.length === 0) return [];
  const path = "status.reservedFor";
  if (status.allocation === undefined) return [forbidden(path, "may not be specified when `allocated` is not set")];
  const known = before.reservedFor ?? [];
  const isNew = users.some((user) => !known.some((one) => semanticEqual(one, user)));
  if (!metadata?.deletionTimestamp || !isNew) return [];
  const when = "while `deallocationRequested` or `deletionTimestamp` are set";
  return [forbidden(path, `new entries may not be added ${when}`)];
}

function validateAllocation(
  { spec }: Claim,
  allocation: DeepReadonly<AllocationResult> | undefined,
  before: DeepReadonly<AllocationResult> | undefined,
): FieldError[] {
  const path = "status.allocation";
  if (allocation === undefined) return [];
  if (before !== undefined) return immutable(path, allocation, before);
  const { devices, nodeSelector } = allocation;
  const asked = spec.devices ?? {};
  return [
    ...validateList(devices?.results, `${path}.devices.results`, {
      most: most.results,
      item: (result, at) => [
        ...validateRequestRef(result.request, `${at}.request`, asked),
        ...validateResult(result, at),
      ],
    }),
    ...validateList(devices?.config, `${path}.devices.config`, {
      most: most.configurations,
      item: (config, at) => [
        ...(config.source ? [] : [required(`${at}.source`)]),
        ...validateRequestRefs(config.requests, `${at}.requests`, asked),
        ...validateConfiguration(config, at),
      ],
    }),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${path}.nodeSelector`)),
  ];
}

function validateResult(result: DeepReadonly<DeviceRequestAllocationResult>, path: string): FieldError[] {
  return [
    ...validateDriverName(result.driver, `${path}.driver`),
    ...validatePoolName(result.pool, `${path}.pool`),
    ...validateDeviceName(result.device, `${path}.device`),
    ...validateBinding(result, path),
    ...validateTolerations(result.tolerations, `${path}.tolerations`),
    ...validateShareId(result.shareID, `${path}.shareID`),
  ];
}

interface DeviceId {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

function idOf({ driver, pool, device, shareID }: DeviceId): string {
  return [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join("/");
}

function validateDevices({ devices, allocation }: Status): FieldError[] {
  const allocated = new Set((allocation?.devices?.results ?? []).map(idOf));
  return validateList(devices, "status.devices", {
    most: Infinity,
    item: (device, path) => validateDevice(device, path, allocated),
    key: idOf,
  });
}

function validateDevice(
  device: DeepReadonly<AllocatedDeviceStatus>,
  path: string,
  allocated: ReadonlySet<string>,
): FieldError[] {
  const { data, networkData } = device;
  const conditions = device.conditions ?? [];
  const findings = validateResult({ request: "", ...device }, path);
  if (!allocated.has(idOf(device))) findings.push(bad(path, idOf(device), "must be an allocated device in the claim"));
  if (conditions.length > most.conditions)
    findings.push(tooMany(`${path}.conditions`, conditions.length, most.conditions));
  findings.push(...validateConditions(conditions, `${path}.conditions`));
  if (data !== undefined) findings.push(...validateRaw(data, `${path}.data`));
  for (const field of ["interfaceName", "hardwareAddress"] as const)
    if (Buffer.byteLength(networkData?.[field] ?? "") > longest[field])
      findings.push(tooLong(`${path}.networkData.${field}`, longest[field]));
  return [
    ...findings,
    ...validateList(networkData?.ips, `${path}.networkData.ips`, { most: most.ips, item: () => [], key: (ip) => ip }),
  ];
}
