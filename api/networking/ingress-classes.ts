import type { IngressClass, IngressClassParametersReference } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, named, required, tooLong } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
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

function validate({ spec }: DeepReadonly<IngressClass>): FieldError[] {
  const controller = spec?.controller ?? "";
  const findings = controller === "" ? [] : domainPrefixedPath("spec.controller", controller);
  if (controller.length > 250) findings.push(tooLong("spec.controller", 250));
  const reference = spec?.parameters;
  if (reference === undefined) return findings;
  const at = "spec.parameters";
  if (!reference.kind) findings.push(required(`${at}.kind`, "kind is required"));
  if (!reference.name) findings.push(required(`${at}.name`, "name is required"));
  if (reference.scope === "Namespace" && !reference.namespace) {
    findings.push(required(`${at}.namespace`, '`parameters.scope` is set to "Namespace"'));
  }
  if (reference.scope === "Cluster" && reference.namespace !== undefined) {
    findings.push(forbidden(`${at}.namespace`, '`parameters.scope` is set to "Cluster"'));
  }
  if (reference.namespace)
    findings.push(...named(`${at}.namespace`, reference.namespace, dnsLabel(reference.namespace)));
  return findings;
}

function domainPrefixedPath(field: string, value: string): FieldError[] {
  const slash = value.indexOf("/");
  if (slash <= 0 || slash === value.length - 1)
    return [bad(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  return named(field, value.slice(0, slash), dnsSubdomain(value.slice(0, slash)));
}
