import { loadBalancerText } from "../core/cells.ts";
import type { Ingress, IngressRule } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";
import { addressWarnings } from "../machinery/ip-warnings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateIngressSpec, validateIngressStatus } from "./ingress-validation.ts";

export const ingresses: ResourceRow = defineResource<Ingress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  shortNames: ["ing"],
  scope: "Namespaced",
  definition: "io.k8s.api.networking.v1.Ingress",
  storagePrefix: "ingress",
  storageVersionHash: "39NQlfNR+bo=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  prepareForCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  validate: (ingress, { subresource, operation }) =>
    subresource === "status"
      ? []
      : [...validateIngressSpec(ingress.spec ?? {}), ...(operation === "create" ? validateClass(ingress) : [])],
  validateUpdate: ({ status }, old, { subresource }) =>
    subresource === "status" ? validateIngressStatus(status, old.status) : [],
  warn: ({ metadata, spec, status }, _old, { subresource }) =>
    subresource === "status"
      ? (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = "" }, index) =>
          addressWarnings(ip, `status.loadBalancer.ingress[${index}].ip`),
        )
      : spec?.ingressClassName === undefined && metadata?.annotations?.[classAnnotation] !== undefined
        ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
        : [],
  table: {
    columns: [
      nameColumn,
      { name: "Class", type: "string", description: "The ingress class that serves it." },
      { name: "Hosts", type: "string", description: "Hosts of its rules." },
      { name: "Address", type: "string", description: "Where it can be reached." },
      { name: "Ports", type: "string", description: "Ports that it is served on." },
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.ingressClassName ?? "<none>",
      hosts(spec?.rules ?? []),
      loadBalancerText(status?.loadBalancer?.ingress),
      (spec?.tls?.length ?? 0) > 0 ? "80, 443" : "80",
      age(metadata?.creationTimestamp, now),
    ],
  },
});

const classAnnotation = "kubernetes.io/ingress.class";

function validateClass({ metadata, spec }: DeepReadonly<Ingress>): FieldError[] {
  const annotation = metadata?.annotations?.[classAnnotation];
  if (annotation === undefined || spec?.ingressClassName === undefined || annotation === spec.ingressClassName)
    return [];
  // Upstream leaves out the metadata.
  return [bad(`annotations.${classAnnotation}`, annotation, "must match `ingressClassName` when both are specified")];
}

const shown = 3;

/** A rule without a host is for all; what is counted as more are rules, as upstream counts. */
function hosts(rules: readonly DeepReadonly<IngressRule>[]): string {
  const named: string[] = [];
  for (const { host } of rules) {
    if (named.length === shown) return `${named.join(",")} + ${rules.length - shown} more...`;
    if (host) named.push(host);
  }
  return named.join(",") || "*";
}
