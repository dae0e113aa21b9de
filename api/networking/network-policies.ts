import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required } from "../machinery/findings.ts";
import { networkProblems } from "../machinery/ip.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { portName, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabelSelector } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const networkPolicies: ResourceRow = defineResource<NetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  scope: "Namespaced",
  definition: "io.k8s.api.networking.v1.NetworkPolicy",
  storageVersionHash: "YpfwF18m1G8=",
  generation: ({ spec }) => [spec],
  unconditionalUpdate: true,
  validate,
  table: {
    columns: [
      nameColumn,
      { name: "Pod-Selector", type: "string", description: "The pods that the policy is for." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      formatLabelSelector(spec?.podSelector ?? {}),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validate({ spec }: DeepReadonly<NetworkPolicy>): FieldError[] {
  const findings = validateLabelSelector(spec?.podSelector, "spec.podSelector");
  for (const [index, { ports = [], from = [] }] of (spec?.ingress ?? []).entries()) {
    findings.push(...validateRule(ports, from, `spec.ingress[${index}]`, "from"));
  }
  for (const [index, { ports = [], to = [] }] of (spec?.egress ?? []).entries()) {
    findings.push(...validateRule(ports, to, `spec.egress[${index}]`, "to"));
  }
  if ((spec?.policyTypes?.length ?? 0) > 2) {
    findings.push(bad("spec.policyTypes", spec?.policyTypes, "may not specify more than two policyTypes"));
  }
  return findings;
}

type Ports = readonly DeepReadonly<NetworkPolicyPort>[];
type Peers = readonly DeepReadonly<NetworkPolicyPeer>[];

function validateRule(ports: Ports, peers: Peers, path: string, direction: "from" | "to"): FieldError[] {
  return [
    ...ports.flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`)),
    ...peers.flatMap((peer, index) => validatePeer(peer, `${path}.${direction}[${index}]`)),
  ];
}

function validatePort({ port, endPort }: DeepReadonly<NetworkPolicyPort>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (typeof port === "string") {
    if (endPort !== undefined)
      findings.push(bad(`${path}.endPort`, endPort, "may not be specified when `port` is non-numeric"));
    return [...findings, ...named(`${path}.port`, port, portName(port))];
  }
  if (port !== undefined) findings.push(...named(`${path}.port`, port, portNumber(port)));
  if (endPort === undefined) return findings;
  if (port === undefined)
    return [...findings, bad(`${path}.endPort`, endPort, "may not be specified when `port` is not specified")];
  if (endPort < port) findings.push(bad(`${path}.endPort`, endPort, "must be greater than or equal to `port`"));
  return [...findings, ...named(`${path}.endPort`, endPort, portNumber(endPort))];
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: DeepReadonly<NetworkPolicyPeer>,
  path: string,
): FieldError[] {
  const findings = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
  ];
  if (ipBlock !== undefined) {
    if (!ipBlock.cidr) findings.push(required(`${path}.ipBlock.cidr`));
    else findings.push(...named(`${path}.ipBlock.cidr`, ipBlock.cidr, networkProblems(ipBlock.cidr)));
    for (const [index, except] of (ipBlock.except ?? []).entries()) {
      findings.push(...named(`${path}.ipBlock.except[${index}]`, except, networkProblems(except)));
    }
    if (podSelector !== undefined || namespaceSelector !== undefined) {
      findings.push(forbidden(path, "may not specify both ipBlock and another peer"));
    }
  }
  const given = podSelector !== undefined || namespaceSelector !== undefined || ipBlock !== undefined;
  return given ? findings : [...findings, required(path, "must specify a peer")];
}
