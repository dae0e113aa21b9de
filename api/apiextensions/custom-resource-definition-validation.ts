import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from "../generated/types/apiextensions-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, named, required, requiredName, unsupported } from "../machinery/findings.ts";
import { dns1035Label, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Definition = DeepReadonly<CustomResourceDefinition>;

/** The definition as an object. Its schemas are checked where they are compiled. */
export function validateCustomResourceDefinition({ metadata, spec }: Definition): FieldError[] {
  const name = metadata?.name ?? "";
  const findings: FieldError[] = [];
  if (name !== `${spec.names.plural}.${spec.group}`) {
    findings.push(bad("metadata.name", name, 'must be spec.names.plural+"."+spec.group'));
  }
  return [
    ...findings,
    ...validateGroup(metadata?.annotations ?? {}, spec.group),
    ...(["Cluster", "Namespaced"].includes(spec.scope)
      ? []
      : [unsupported("spec.scope", spec.scope, ["Cluster", "Namespaced"])]),
    ...validateNames(spec.names, "spec.names"),
    ...validateVersions(spec.versions ?? []),
    ...validateConversion(spec.conversion),
    ...(spec.preserveUnknownFields === true
      ? [bad("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema")]
      : []),
  ];
}

const approval = "api-approved.kubernetes.io";

function validateGroup(annotations: Readonly<Record<string, string>>, group: string): FieldError[] {
  const findings = requiredName("spec.group", group, dnsSubdomain);
  if (group && findings.length === 0 && !group.includes(".")) {
    findings.push(bad("spec.group", group, "should be a domain with at least one dot"));
  }
  // https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/2337-k8s.io-group-protection
  const guarded = /(^|\.)(k8s|kubernetes)\.io$/.test(group);
  if (guarded && !annotations[approval]) {
    const detail = `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`;
    findings.push(required(`metadata.annotations[${approval}]`, detail));
  }
  return findings;
}

function validateNames(names: DeepReadonly<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const findings = [
    ...requiredName(`${path}.plural`, names.plural, dns1035Label),
    ...(names.singular ? named(`${path}.singular`, names.singular, dns1035Label(names.singular)) : []),
    ...requiredName(`${path}.kind`, names.kind, mixedCase),
    ...requiredName(`${path}.listKind`, names.listKind, mixedCase),
    ...(names.shortNames ?? []).flatMap((name, index) =>
      named(`${path}.shortNames[${index}]`, name, dns1035Label(name)),
    ),
    ...(names.categories ?? []).flatMap((name, index) =>
      named(`${path}.categories[${index}]`, name, dns1035Label(name)),
    ),
  ];
  if (names.kind && names.kind === names.listKind) {
    findings.push(bad(`${path}.listKind`, names.listKind, "kind and listKind may not be the same"));
  }
  return findings;
}

function mixedCase(name: string): string[] {
  return dns1035Label(name.toLowerCase()).map(
    (problem) => `may have mixed case, but should otherwise match: ${problem}`,
  );
}

function validateVersions(versions: readonly DeepReadonly<CustomResourceDefinitionVersion>[]): FieldError[] {
  const path = "spec.versions";
  const findings = versions.flatMap((version, index) => validateVersion(version, `${path}[${index}]`));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    findings.push(bad(path, versions, "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    findings.push(bad(path, versions, "must have exactly one version marked as storage version"));
  }
  return findings;
}

function validateVersion(
  { name, schema, deprecated, deprecationWarning }: DeepReadonly<CustomResourceDefinitionVersion>,
  path: string,
): FieldError[] {
  const findings = named(`${path}.name`, name, dns1035Label(name));
  if (schema?.openAPIV3Schema === undefined)
    findings.push(required(`${path}.schema.openAPIV3Schema`, "schemas are required"));
  if (deprecationWarning !== undefined && deprecated !== true) {
    findings.push(bad(`${path}.deprecationWarning`, deprecationWarning, "can only be set for deprecated versions"));
  }
  return findings;
}

function validateConversion(conversion: DeepReadonly<CustomResourceDefinitionSpec["conversion"]>): FieldError[] {
  const path = "spec.conversion";
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (!strategy) return [required(`${path}.strategy`)];
  if (strategy === "None") {
    return webhook === undefined
      ? []
      : [forbidden(`${path}.webhook`, "should not be set when strategy is not set to Webhook")];
  }
  if (strategy !== "Webhook") return [unsupported(`${path}.strategy`, strategy, ["None", "Webhook"])];
  if (webhook?.clientConfig === undefined) {
    return [required(`${path}.webhook.clientConfig`, "required when strategy is set to Webhook")];
  }
  if ((webhook.conversionReviewVersions ?? []).length === 0)
    return [required(`${path}.webhook.conversionReviewVersions`)];
  return [];
}

/** Objects are stored under group and plural; once names are accepted, clients rely on the others too. */
export function validateCustomResourceDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  const { spec } = definition;
  const established = (old.status?.conditions ?? []).some(
    ({ type, status }) => type === "Established" && status === "True",
  );
  return [
    ...immutable("spec.group", spec.group, old.spec.group),
    ...immutable("spec.names.plural", spec.names.plural, old.spec.names.plural),
    ...(established ? immutable("spec.scope", spec.scope, old.spec.scope) : []),
    ...(established ? immutable("spec.names.kind", spec.names.kind, old.spec.names.kind) : []),
  ];
}
