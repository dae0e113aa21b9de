import type { Device, DeviceAttribute, DeviceCapacity } from "../generated/types/resource-v1.ts";
import { validateNodeSelector } from "../core/node-selector-validation.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required, tooLong } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateRequestPolicy } from "./capacity-policy.ts";
import { validateList, validateMap } from "./device-lists.ts";
import { validateDeviceName, validateQualifiedName } from "./device-names.ts";
import { validateBinding, validateTaint } from "./device-taints.ts";

const most = { attributesAndCapacities: 32, attributeValues: 48, taints: 16, consumptions: 2, counters: 32 };
const longestValue = 64;

/** `perDevice`: each device says itself on which nodes it is. */
export function validateDevice(device: DeepReadonly<Device>, path: string, perDevice: boolean): FieldError[] {
  const { attributes = {}, capacity = {}, allowMultipleAllocations = false } = device;
  const findings = validateDeviceName(device.name, `${path}.name`);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > most.attributesAndCapacities) {
    const detail = `the total number of attributes and capacities must not exceed ${most.attributesAndCapacities}`;
    findings.push(bad(path, count, detail));
  }
  const values = Object.values(attributes).reduce((sum, attribute) => sum + valuesOf(attribute), 0);
  if (values > most.attributeValues)
    findings.push(bad(path, values, `the total number of attribute values must not exceed ${most.attributeValues}`));
  return [
    ...findings,
    ...validateMap(attributes, `${path}.attributes`, {
      most: Infinity,
      key: validateQualifiedName,
      item: validateAttribute,
    }),
    ...validateMap(capacity, `${path}.capacity`, {
      most: Infinity,
      key: validateQualifiedName,
      item: (amount, at) => validateCapacity(amount, at, allowMultipleAllocations),
    }),
    ...validateList(device.taints, `${path}.taints`, { most: most.taints, item: validateTaint }),
    ...validateConsumption(device, path),
    ...(perDevice ? validatePlace(device, path) : validateNoPlace(device, path)),
    ...validateBinding(device, path),
  ];
}

function valuesOf({ bools = [], ints = [], strings = [], versions = [] }: DeepReadonly<DeviceAttribute>): number {
  return Math.max(1, bools.length + ints.length + strings.length + versions.length);
}

/** https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string */
const semver =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

function validateAttribute(attribute: DeepReadonly<DeviceAttribute>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  const { string, version, strings = [], versions = [] } = attribute;
  if (string !== undefined) findings.push(...validateText(string, `${path}.string`));
  if (version !== undefined) findings.push(...validateVersion(version, `${path}.version`));
  for (const list of ["bools", "ints", "strings", "versions"] as const)
    if (attribute[list]?.length === 0)
      findings.push(bad(`${path}.${list}`, attribute[list], "must not be empty if specified"));
  for (const [index, text] of strings.entries()) findings.push(...validateText(text, `${path}.strings[${index}]`));
  for (const [index, text] of versions.entries()) findings.push(...validateVersion(text, `${path}.versions[${index}]`));
  const given = Object.keys(attribute).length;
  if (given !== 1) findings.push(bad(path, given === 0 ? "" : attribute, "exactly one value must be specified"));
  return findings;
}

function validateText(text: string, path: string): FieldError[] {
  return Buffer.byteLength(text) > longestValue ? [tooLong(path, longestValue)] : [];
}

function validateVersion(text: string, path: string): FieldError[] {
  const long = validateText(text, path);
  // Bounded before the pattern runs over it.
  if (long.length === 0 && semver.test(text)) return [];
  return [
    ...(long.length === 0 ? [bad(path, text, "must be a string compatible with semver.org spec 2.0.0")] : []),
    ...long,
  ];
}

function validateCapacity(
  { value, requestPolicy }: DeepReadonly<DeviceCapacity>,
  path: string,
  isShared: boolean,
): FieldError[] {
  if (requestPolicy === undefined) return [];
  if (!isShared) return [forbidden(`${path}.requestPolicy`, "allowMultipleAllocations must be true")];
  return validateRequestPolicy(value, requestPolicy, `${path}.requestPolicy`);
}

function validateConsumption({ consumesCounters }: DeepReadonly<Device>, path: string): FieldError[] {
  return validateList(consumesCounters, `${path}.consumesCounters`, {
    most: most.consumptions,
    item: ({ counterSet, counters }, at) => [
      ...(counterSet ? named(`${at}.counterSet`, counterSet, dnsLabel(counterSet)) : [required(`${at}.counterSet`)]),
      ...validateCounters(counters, `${at}.counters`),
    ],
    key: ({ counterSet }) => counterSet,
  });
}

export function validateCounters(counters: Readonly<Record<string, unknown>> | undefined, path: string): FieldError[] {
  if (Object.keys(counters ?? {}).length === 0) return [required(path)];
  return validateMap(counters, path, { most: most.counters, key: (name, at) => named(at, name, dnsLabel(name)) });
}

const aboutPlaces =
  "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

function validatePlace({ nodeName, nodeSelector, allNodes }: DeepReadonly<Device>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (nodeName === "") findings.push(bad(`${path}.nodeName`, nodeName, "must not be empty"));
  else if (nodeName !== undefined) findings.push(...named(`${path}.nodeName`, nodeName, dnsSubdomain(nodeName)));
  if (nodeSelector !== undefined) findings.push(...validateNodeSelector(nodeSelector, `${path}.nodeSelector`));
  if (allNodes === false) findings.push(bad(`${path}.allNodes`, allNodes, "must be either unset or set to true"));
  const given = Object.entries({ nodeName, nodeSelector, allNodes }).flatMap(([name, value]) => (value ? [name] : []));
  if (given.length === 0) return [...findings, required(path, aboutPlaces)];
  if (given.length === 1) return findings;
  return [...findings, bad(path, `{${given.map((name) => `\`${name}\``).join(", ")}}`, aboutPlaces)];
}

function validateNoPlace({ nodeName, nodeSelector, allNodes }: DeepReadonly<Device>, path: string): FieldError[] {
  if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return [];
  const detail =
    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
  return [bad(path, null, detail)];
}
