import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, required, unsupported } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import { parseStructural } from "../schema/structural/parse.ts";
import { approvalAnnotation, approvalOf, isGuarded } from "./api-approval.ts";
import { validateCaBundle, validateConversion } from "./conversion-validation.ts";
import { isTrue, type Definition, type DefinitionVersion } from "./definition.ts";
import { joined, requireNames, validateNames } from "./names-validation.ts";
import { validateVersions } from "./version-validation.ts";

/** What holds of every definition, new or changed. Its schemas are looked at in `schema-validation.ts`. */
export function validateCustomResourceDefinition(definition: Definition): FieldError[] {
  const { spec } = definition;
  return [
    ...validateGroup(spec.group),
    ...validateScope(spec.scope),
    ...requireSchemas(definition),
    ...requirePruning(definition),
    ...requireNames(spec.names, "spec.names"),
    ...validateNames(spec.names, "spec.names"),
    ...validateVersions(spec.versions ?? []),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
  ];
}

export function validateNewCustomResourceDefinition(definition: Definition): FieldError[] {
  return [
    ...validateName(definition),
    ...validateCustomResourceDefinition(definition),
    ...validateConversion(definition.spec.conversion, undefined),
    ...validateApproval(definition, undefined),
    ...validatePreservation(definition, undefined),
  ];
}

/** Objects are stored under group and plural; once names are accepted, clients rely on the others too. */
export function validateCustomResourceDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  const { spec } = definition;
  const established = isTrue(old, "Established");
  return [
    ...validateConversion(spec.conversion, old.spec.conversion),
    ...(established ? validateCaBundle(spec.conversion, old.spec.conversion) : []),
    ...(established ? immutable("spec.scope", spec.scope, old.spec.scope) : []),
    ...(established ? immutable("spec.names.kind", spec.names.kind, old.spec.names.kind) : []),
    ...immutable("spec.group", spec.group, old.spec.group),
    ...immutable("spec.names.plural", spec.names.plural, old.spec.names.plural),
    ...validateApproval(definition, old),
    ...validatePreservation(definition, old),
  ];
}

export function validateStatus({ status }: Definition): FieldError[] {
  return validateNames(status?.acceptedNames ?? {}, "status.acceptedNames");
}

function validateName({ metadata, spec }: Definition): FieldError[] {
  const name = metadata?.name ?? "";
  if (name === `${spec.names.plural}.${spec.group}`) return [];
  return [bad("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];
}

function validateGroup(group: string): FieldError[] {
  if (!group) return [required("spec.group")];
  const problems = dnsSubdomain(group);
  if (problems.length > 0) return joined("spec.group", group, problems);
  return group.includes(".") ? [] : [bad("spec.group", group, "should be a domain with at least one dot")];
}

function validateScope(scope: string): FieldError[] {
  if (!scope) return [required("spec.scope")];
  const scopes = ["Cluster", "Namespaced"];
  return scopes.includes(scope) ? [] : [unsupported("spec.scope", scope, scopes)];
}

function requireSchemas({ spec }: Definition): FieldError[] {
  return (spec.versions ?? []).flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema === undefined ? [required(`spec.versions[${index}].schema.openAPIV3Schema`)] : [],
  );
}

/** What may not be together with unknown fields. */
function requirePruning({ spec }: Definition): FieldError[] {
  if (spec.preserveUnknownFields !== true) return [];
  const findings: FieldError[] = [];
  if ((spec.versions ?? []).some(hasDefaults))
    findings.push(bad("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema"));
  const strategy = spec.conversion?.strategy ?? "None";
  if (strategy !== "None")
    findings.push(bad("spec.conversion.strategy", strategy, "must be None if spec.preserveUnknownFields is true"));
  return findings;
}

function hasDefaults({ schema }: DefinitionVersion): boolean {
  return schema?.openAPIV3Schema !== undefined && parseStructural(schema.openAPIV3Schema).holds.defaults;
}

/** A version stays as long as objects may be stored in it. */
function validateStoredVersions({ spec, status }: Definition): FieldError[] {
  const field = "status.storedVersions";
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [bad(field, stored, "must have at least one stored version")];
  const versions = spec.versions ?? [];
  return [
    ...versions
      .filter(({ name, storage }) => storage && !stored.includes(name))
      .map(({ name }) => bad(field, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) => {
      if (versions.some((version) => version.name === name)) return [];
      const until = `must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      const detail = `missing from spec.versions; ${name} was previously a storage version, and ${until}`;
      return [bad(`${field}[${index}]`, name, detail)];
    }),
  ];
}

/** An update need not repair what was let in before. */
function validateApproval({ metadata, spec }: Definition, old: Definition | undefined): FieldError[] {
  if (!isGuarded(spec.group)) return [];
  const annotation = metadata?.annotations?.[approvalAnnotation];
  const { state, reason } = approvalOf(annotation);
  if (old !== undefined && approvalOf(old.metadata?.annotations?.[approvalAnnotation]).state === state) return [];
  const field = `metadata.annotations[${approvalAnnotation}]`;
  if (state === "missing") return [required(field, reason)];
  return state === "invalid" ? [bad(field, annotation, reason)] : [];
}

function validatePreservation({ spec }: Definition, old: Definition | undefined): FieldError[] {
  if (spec.preserveUnknownFields !== true || old?.spec.preserveUnknownFields === true) return [];
  const instead = "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [bad("spec.preserveUnknownFields", true, `cannot set to true, ${instead}`)];
}
