import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required } from "../machinery/findings.ts";
import { networkContains, networkProblems, networkStart, parseNetwork } from "../machinery/ip.ts";
import { networkWarnings } from "../machinery/ip-warnings.ts";
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
  validate: (policy, { operation }) => (operation === "create" ? validate(policy, nothing) : []),
  // What was stored before a rule came may stay.
  validateUpdate: (policy, old) => validate(policy, new Set(networks(old).map(([network]) => network))),
  warn: (policy) => networks(policy).flatMap(([network, path]) => networkWarnings(network, path)),
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

function validate({ spec }: DeepReadonly<NetworkPolicy>, kept: ReadonlySet<string>): FieldError[] {
  const findings = validateLabelSelector(spec?.podSelector, "spec.podSelector");
  for (const [index, { ports = [], from = [] }] of (spec?.ingress ?? []).entries()) {
    findings.push(
      ...validatePorts(ports, `spec.ingress[${index}]`),
      ...validatePeers(from, `spec.ingress[${index}].from`, kept),
    );
  }
  for (const [index, { ports = [], to = [] }] of (spec?.egress ?? []).entries()) {
    findings.push(
      ...validatePorts(ports, `spec.egress[${index}]`),
      ...validatePeers(to, `spec.egress[${index}].to`, kept),
    );
  }
  if ((spec?.policyTypes?.length ?? 0) > 2) {
    findings.push(bad("spec.policyTypes", spec?.policyTypes, "may not specify more than two policyTypes"));
  }
  return findings;
}

function validateBlock({ cidr, except = [] }: Block, path: string, kept: ReadonlySet<string>): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const findings = kept.has(cidr) ? [] : named(`${path}.cidr`, cidr, networkProblems(cidr));
  const whole = parseNetwork(cidr);
  if (whole === undefined) return findings;
  for (const [index, text] of except.entries()) {
    const at = `${path}.except[${index}]`;
    if (!kept.has(text)) findings.push(...named(at, text, networkProblems(text)));
    const part = parseNetwork(text);
    if (part !== undefined && !(networkContains(whole, networkStart(part)) && part.prefix > whole.prefix))
      findings.push(bad(at, text, "must be a strict subset of `cidr`"));
  }
  return findings;
}

type Block = NonNullable<DeepReadonly<NetworkPolicyPeer>["ipBlock"]>;

/** All networks that a policy names, with their paths. */
function networks({ spec }: DeepReadonly<NetworkPolicy>): readonly (readonly [network: string, path: string])[] {
  const ofPeers = (peers: Peers, path: string): (readonly [string, string])[] =>
    peers.flatMap(({ ipBlock }, index) =>
      ipBlock === undefined
        ? []
        : [
            [ipBlock.cidr, `${path}[${index}].ipBlock.cidr`] as const,
            ...(ipBlock.except ?? []).map((one, at) => [one, `${path}[${index}].ipBlock.except[${at}]`] as const),
          ],
    );
  return [
    ...(spec?.ingress ?? []).flatMap(({ from = [] }, index) => ofPeers(from, `spec.ingress[${index}].from`)),
    ...(spec?.egress ?? []).flatMap(({ to = [] }, index) => ofPeers(to, `spec.egress[${index}].to`)),
  ];
}

const nothing: ReadonlySet<string> = new Set();

type Ports = readonly DeepReadonly<NetworkPolicyPort>[];
type Peers = readonly DeepReadonly<NetworkPolicyPeer>[];

function validatePorts(ports: Ports, path: string): FieldError[] {
  return ports.flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`));
}

function validatePeers(peers: Peers, path: string, kept: ReadonlySet<string>): FieldError[] {
  return peers.flatMap((peer, index) => validatePeer(peer, `${path}[${index}]`, kept));
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
  kept: ReadonlySet<string>,
): FieldError[] {
  const findings = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
  ];
  if (ipBlock !== undefined) {
    findings.push(...validateBlock(ipBlock, `${path}.ipBlock`, kept));
    if (podSelector !== undefined || namespaceSelector !== undefined) {
      findings.push(forbidden(path, "may not specify both ipBlock and another peer"));
    }
  }
  const given = podSelector !== undefined || namespaceSelector !== undefined || ipBlock !== undefined;
  return given ? findings : [...findings, required(path, "must specify a peer")];
}
