import type { IngressClass, IngressClassParametersReference } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { forbidden, immutable, named, required, requiredName, tooLong, unsupported } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain, pathSegment } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { domainPrefixedPath } from "../machinery/prefixed-path.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const ingressClasses: ResourceRow = defineResource<IngressClass>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  definition: "io.k8s.api.networking.v1.IngressClass",
  storageVersionHash: "l/iqIbDgFyQ=",
  generation: ({ spec }) => [spec],
  unconditionalUpdate: true,
  validate,
  validateUpdate: (ingressClass, old) =>
    immutable("spec.controller", ingressClass.spec?.controller, old.spec?.controller),
  table: {
    columns: [
      nameColumn,
      { name: "Controller", type: "string", description: "Who serves ingresses of this class." },
      { name: "Parameters", type: "string", description: "The object that holds the controller's settings." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec?.controller ?? "",
      parameters(spec?.parameters),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function parameters(reference: DeepReadonly<IngressClassParametersReference> | undefined): string {
  if (reference === undefined) return "<none>";
  const group = reference.apiGroup === undefined ? "" : `.${reference.apiGroup}`;
  return `${reference.kind}${group}/${reference.name}`;
}

const longestController = 250;

function validate({ spec }: DeepReadonly<IngressClass>): FieldError[] {
  const controller = spec?.controller ?? "";
  const findings =
    Buffer.byteLength(controller) > longestController ? [tooLong("spec.controller", longestController)] : [];
  findings.push(...domainPrefixedPath("spec.controller", controller));
  return [...findings, ...validateParameters(spec?.parameters)];
}

function validateParameters(reference: DeepReadonly<IngressClassParametersReference> | undefined): FieldError[] {
  if (reference === undefined) return [];
  const path = "spec.parameters";
  const { apiGroup, kind, name, scope, namespace } = reference;
  const findings = [
    ...(apiGroup === undefined ? [] : named(`${path}.apiGroup`, apiGroup, dnsSubdomain(apiGroup))),
    ...requiredName(`${path}.kind`, kind, pathSegment),
    ...requiredName(`${path}.name`, name, pathSegment),
  ];
  switch (scope) {
    case undefined:
      return [...findings, required(`${path}.scope`)];
    case "Namespace":
      if (namespace === undefined)
        return [...findings, required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'")];
      return [...findings, ...named(`${path}.namespace`, namespace, dnsLabel(namespace))];
    case "Cluster":
      if (namespace === undefined) return findings;
      return [...findings, forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'")];
    default:
      return [...findings, unsupported(`${path}.scope`, scope, ["Cluster", "Namespace"])];
  }
}
