import type { KubeObject } from "../../api/machinery/object.ts";
import { systemObjects, type FlowSchemaFact, type PriorityLevelFact } from "./facts.ts";
import { subjectOf } from "./subject.ts";

const apiVersion = "flowcontrol.apiserver.k8s.io/v1";

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#defaults */
export function flowControlObjects(): readonly KubeObject[] {
  const { priorityLevelConfigurations, flowSchemas } = systemObjects;
  return [
    ...Object.entries(priorityLevelConfigurations).map(([name, fact]) => priorityLevel(name, fact)),
    ...Object.entries(flowSchemas).map(([name, fact]) => flowSchema(name, fact)),
  ];
}

function priorityLevel(name: string, fact: PriorityLevelFact): KubeObject {
  const { type, nominalConcurrencyShares, lendablePercent } = fact;
  const shares = { nominalConcurrencyShares, lendablePercent };
  const spec =
    type === "Exempt" ? { type, exempt: shares } : { type, limited: { ...shares, limitResponse: limitResponse(fact) } };
  return { apiVersion, kind: "PriorityLevelConfiguration", metadata: metadata(name), spec } as KubeObject;
}

function limitResponse({ limitResponse: type, queues, handSize, queueLengthLimit }: PriorityLevelFact): object {
  return type === "Queue" ? { type, queuing: { queues, handSize, queueLengthLimit } } : { type };
}

function flowSchema(name: string, fact: FlowSchemaFact): KubeObject {
  const rule = {
    subjects: fact.subjects.map(subject),
    ...(fact.resourceRules.length === 0 ? {} : { resourceRules: fact.resourceRules.map(resourceRule) }),
    ...(fact.nonResourceRules.length === 0
      ? {}
      : { nonResourceRules: fact.nonResourceRules.map(([verbs, nonResourceURLs]) => ({ verbs, nonResourceURLs })) }),
  };
  const spec = {
    priorityLevelConfiguration: { name: fact.priorityLevel },
    matchingPrecedence: fact.matchingPrecedence,
    ...(fact.distinguisher === undefined ? {} : { distinguisherMethod: { type: fact.distinguisher } }),
    rules: [rule],
  };
  return { apiVersion, kind: "FlowSchema", metadata: metadata(name), spec } as KubeObject;
}

function resourceRule([
  verbs,
  apiGroups,
  resources,
  namespaces,
  clusterScope,
]: FlowSchemaFact["resourceRules"][number]): object {
  return {
    verbs,
    apiGroups,
    resources,
    ...(clusterScope ? { clusterScope } : {}),
    ...(namespaces.length === 0 ? {} : { namespaces }),
  };
}

function subject(fact: string): object {
  const of = subjectOf(fact);
  switch (of.kind) {
    case "User":
      return { kind: of.kind, user: { name: of.name } };
    case "Group":
      return { kind: of.kind, group: { name: of.name } };
    case "ServiceAccount":
      return { kind: of.kind, serviceAccount: { namespace: of.namespace, name: of.name } };
  }
}

function metadata(name: string): object {
  return { name, annotations: systemObjects.flowControlCommon.annotations };
}
