/** Rules for metadata that hold for every kind. */
import type { NameRule, Scope } from "../resource.ts";
import type { FieldError } from "./field-error.ts";
import { bad, forbidden, named, nonNegative, required, requiredName, tooLong } from "./findings.ts";
import { maskTrailingDash } from "./generate-name.ts";
import { validateLabels } from "./label-validation.ts";
import { dns1035Label, dnsLabel, dnsSubdomain, labelKey, pathSegment, type Problems } from "./names.ts";
import type { DeepReadonly, ObjectMeta, OwnerReference } from "./object.ts";

type Meta = DeepReadonly<ObjectMeta>;

const nameRules: Readonly<Record<NameRule, (name: string) => Problems>> = {
  dnsSubdomain,
  dnsLabel,
  dns1035Label,
  pathSegment,
};

/** Keys and values of all annotations together. */
const longestAnnotations = 256 * 1024;
/** Finalizers that needed no domain before the rule came. */
const plainFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

export interface MetaRules {
  readonly scope: Scope;
  readonly nameRule: NameRule;
  /** A custom resource's: its finalizers need no domain. */
  readonly isCustom?: boolean;
}

/** Expects that a name was made from generateName already. */
export function validateObjectMeta(metadata: Meta, rules: MetaRules): FieldError[] {
  return [
    ...validateName(metadata, nameRules[rules.nameRule]),
    ...validateNamespace(metadata, rules.scope),
    ...nonNegative("metadata.generation", metadata.generation),
    ...validateLabels("metadata.labels", metadata.labels),
    ...validateAnnotations(metadata.annotations ?? {}),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...validateFinalizers(metadata.finalizers ?? [], rules.isCustom === true),
  ];
}

/** What the server set once may not change. */
const fixedFields = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

export function validateObjectMetaUpdate(metadata: Meta, old: Meta): FieldError[] {
  const findings = validateNewFinalizers(metadata, old);
  if ((metadata.generation ?? 0) < (old.generation ?? 0)) {
    findings.push(bad("metadata.generation", metadata.generation ?? 0, "must not be decremented"));
  }
  for (const field of fixedFields) {
    const value = metadata[field] ?? null;
    if ((value ?? "") !== (old[field] ?? ""))
      findings.push(bad(`metadata.${field}`, value ?? unsetText(field), "field is immutable"));
  }
  return findings;
}

/** How an unset field is shown: names are text in Go, the others point to something. */
function unsetText(field: (typeof fixedFields)[number]): string | null {
  return field === "name" || field === "namespace" || field === "uid" ? "" : null;
}

function validateName({ name = "", generateName = "" }: Meta, rule: (name: string) => Problems): FieldError[] {
  const findings =
    generateName === "" ? [] : named("metadata.generateName", generateName, rule(maskTrailingDash(generateName)));
  if (name === "") findings.push(required("metadata.name", "name or generateName is required"));
  else findings.push(...named("metadata.name", name, rule(name)));
  return findings;
}

function validateNamespace({ namespace = "" }: Meta, scope: Scope): FieldError[] {
  const field = "metadata.namespace";
  if (scope === "Cluster") return namespace === "" ? [] : [forbidden(field, "not allowed on this type")];
  return requiredName(field, namespace, dnsLabel);
}

/** Keys may have capitals in their domain: an old mistake that upstream keeps. */
function validateAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  const field = "metadata.annotations";
  const findings: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
    findings.push(...named(field, key, labelKey(key.toLowerCase())));
  }
  if (size > longestAnnotations) findings.push(tooLong(field, longestAnnotations));
  return findings;
}

/** Upstream names the list, not the item. */
const ownersField = "metadata.ownerReferences";

function validateOwners(owners: readonly DeepReadonly<OwnerReference>[]): FieldError[] {
  const findings: FieldError[] = [];
  let controller = "";
  for (const owner of owners) {
    findings.push(...validateOwner(owner));
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
    if (controller !== "") findings.push(bad(ownersField, owners, detail));
    else controller = name;
  }
  return findings;
}

function validateOwner(owner: DeepReadonly<OwnerReference>): FieldError[] {
  const { apiVersion = "", kind = "", name = "", uid = "" } = owner;
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  const findings = version === "" ? named(`${ownersField}.apiVersion`, apiVersion, ["version must not be empty"]) : [];
  for (const [field, value] of Object.entries({ kind, name, uid })) {
    if (value === "") findings.push(...named(`${ownersField}.${field}`, value, ["must not be empty"]));
  }
  // The collector would have to watch them all.
  if (kind === "Event" && apiVersion === "v1")
    findings.push(...named(ownersField, owner, ["/v1, Kind=Event is disallowed from being an owner"]));
  return findings;
}

function validateFinalizers(finalizers: readonly string[], isCustom: boolean): FieldError[] {
  const field = "metadata.finalizers";
  const findings = finalizers.flatMap((name) => named(field, name, labelKey(name)));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    findings.push(bad(field, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  if (isCustom) return findings;
  for (const [index, name] of finalizers.entries()) {
    if (!name.includes("/") && !plainFinalizers.has(name))
      findings.push(...named(`${field}[${index}]`, name, [unqualified]));
  }
  return findings;
}

const unqualified = "name is neither a standard finalizer name nor is it fully qualified";

function validateNewFinalizers(metadata: Meta, old: Meta): FieldError[] {
  if (old.deletionTimestamp === undefined) return [];
  const known = new Set(old.finalizers ?? []);
  const added = [...new Set(metadata.finalizers ?? [])].filter((name) => !known.has(name)).sort();
  if (added.length === 0) return [];
  const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`;
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
  return [forbidden("metadata.finalizers", detail)];
}
