import type { Node, NodeConfigSource, NodeSpec, NodeStatus, Taint } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, required, requiredName } from "../machinery/findings.ts";
import { networkProblems, parseNetwork } from "../machinery/ip.ts";
import { configMapKey, dnsLabel, dnsSubdomain, labelKey, labelValue } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { resourceAmount } from "./resource-names.ts";

type ReadonlyNode = DeepReadonly<Node>;
type Spec = DeepReadonly<NodeSpec>;
type Status = DeepReadonly<NodeStatus>;

export function validateNode({ spec = {}, status = {} }: ReadonlyNode): FieldError[] {
  return [
    // Where upstream puts them.
    ...validateTaints(spec.taints ?? [], "metadata.taints"),
    ...amounts("status.capacity", status.capacity),
    ...amounts("status.allocatable", status.allocatable),
    ...swap(status),
    ...declaredFeatures(status.declaredFeatures ?? [], "status.declaredFeatures"),
    ...podNetworks(spec.podCIDRs ?? [], "spec.podCIDRs"),
  ];
}

export function validateNodeUpdate(node: ReadonlyNode, old: ReadonlyNode): FieldError[] {
  const { spec = {}, status = {} } = node;
  return [
    ...addresses(status),
    ...assignedOnce(spec, old.spec ?? {}),
    ...(spec.configSource === undefined ? [] : configSource(spec.configSource, false, "spec.configSource")),
    ...(["assigned", "active", "lastKnownGood"] as const).flatMap((member) => {
      const source = status.config?.[member];
      return source === undefined ? [] : configSource(source, true, `status.config.${member}`);
    }),
  ];
}

const effects = ["NoExecute", "NoSchedule", "PreferNoSchedule"];

function validateTaints(taints: readonly DeepReadonly<Taint>[], path: string): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const at = `${path}[${index}]`;
    const { key = "", value = "", effect } = taint;
    const findings = named(`${at}.key`, key, labelKey(key));
    const problems = labelValue(value);
    if (problems.length > 0) findings.push(bad(`${at}.value`, value, problems.join(";")));
    findings.push(...taintEffect(effect, `${at}.effect`));
    const pair = `${key}:${effect}`;
    if (seen.has(pair))
      findings.push({ ...duplicate(at, taint), detail: "taints must be unique by key and effect pair" });
    seen.add(pair);
    return findings;
  });
}

function taintEffect(effect: string | undefined, field: string): FieldError[] {
  if (!effect) return [required(field)];
  if (effects.includes(effect)) return [];
  const supported = effects.map((one) => JSON.stringify(one)).join(", ");
  return [{ type: "NotSupported", field, value: effect, detail: `supported values: ${supported}` }];
}

function amounts(path: string, map: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(map ?? {}).flatMap(([name, text]) => resourceAmount(`${path}.${name}`, name, text));
}

function swap({ nodeInfo }: Status): FieldError[] {
  const size = nodeInfo?.swap?.capacity;
  if (size === undefined || size > 0) return [];
  return [bad("metadata.nodeSwapStatus.capacity", size, "must be greater than 0")];
}

const featureName = /^[A-Z][A-Za-z0-9]*(?:\/[A-Za-z][A-Za-z0-9]*)*$/;
const longestFeature = 253;

/** KEP-5328 */
function declaredFeatures(features: readonly string[], path: string): FieldError[] {
  return features.flatMap((feature, index) => {
    const at = `${path}[${index}]`;
    const findings = named(at, feature, featureProblems(feature));
    const previous = features[index - 1];
    if (previous === feature) findings.push(duplicate(at, feature));
    else if (previous !== undefined && previous > feature)
      findings.push(bad(at, feature, "list must be sorted alphabetically"));
    return findings;
  });
}

function featureProblems(feature: string): string[] {
  const shown = `invalid feature name ${JSON.stringify(feature)}`;
  if (feature.length > longestFeature) return [`${shown}: must be no more than ${longestFeature} characters`];
  if (featureName.test(feature)) return [];
  return [
    `${shown}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
  ];
}

function podNetworks(networks: readonly string[], path: string): FieldError[] {
  const findings = networks.flatMap((network, index) => named(`${path}[${index}]`, network, networkProblems(network)));
  const families = new Set(networks.map((network) => parseNetwork(network)?.ip.family));
  if (networks.length > 2 || (networks.length === 2 && families.size < 2))
    findings.push(bad(path, networks, "may specify no more than one CIDR for each IP family"));
  return findings;
}

function addresses({ addresses: list = [] }: Status): FieldError[] {
  const seen = new Set<string>();
  return list.flatMap((address, index) => {
    const key = `${address.type}/${address.address}`;
    if (seen.has(key)) return [duplicate(`status.addresses[${index}]`, address)];
    seen.add(key);
    return [];
  });
}

/** What a node gets from its cluster, or its cloud, it keeps. */
function assignedOnce(spec: Spec, old: Spec): FieldError[] {
  const findings: FieldError[] = [];
  if ((old.podCIDRs ?? []).length > 0 && !semanticEqual(spec.podCIDRs, old.podCIDRs))
    findings.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  if (old.providerID && spec.providerID !== old.providerID)
    findings.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  if ((spec.externalID ?? "") !== (old.externalID ?? ""))
    findings.push(forbidden("spec.externalID", "may not be updated"));
  return findings;
}

/** Kubelets no longer read it. */
function configSource(source: DeepReadonly<NodeConfigSource>, isStatus: boolean, path: string): FieldError[] {
  const { configMap } = source;
  if (configMap === undefined) return [bad(path, source, "exactly one reference subfield must be non-nil")];
  const at = `${path}.configMap`;
  const findings = (["uid", "resourceVersion"] as const).flatMap((member) => {
    if (isStatus) return configMap[member] ? [] : [required(`${at}.${member}`)];
    return configMap[member] ? [forbidden(`${at}.${member}`, `${member} must not be set in spec`)] : [];
  });
  return [
    ...findings,
    ...requiredName(`${at}.namespace`, configMap.namespace, dnsLabel),
    ...requiredName(`${at}.name`, configMap.name, dnsSubdomain),
    ...requiredName(`${at}.kubeletConfigKey`, configMap.kubeletConfigKey, configMapKey),
  ];
}
