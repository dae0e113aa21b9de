import type { CustomResourceDefinitionNames } from "../generated/types/apiextensions-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import { dns1035Label, type Problems } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Names = DeepReadonly<Partial<CustomResourceDefinitionNames>>;

/** Of the spec: these have to be there, of the accepted names in the status they need not. */
export function requireNames(names: Names, path: string): FieldError[] {
  return (["plural", "singular", "kind", "listKind"] as const).flatMap((field) =>
    names[field] ? [] : [required(`${path}.${field}`)],
  );
}

export function validateNames(names: Names, path: string): FieldError[] {
  const { plural = "", singular = "", kind = "", listKind = "", shortNames = [], categories = [] } = names;
  const findings = [
    ...(plural === "" ? [] : joined(`${path}.plural`, plural, dns1035Label(plural))),
    ...(singular === "" ? [] : joined(`${path}.singular`, singular, dns1035Label(singular))),
    ...mixedCase(`${path}.kind`, kind),
    ...mixedCase(`${path}.listKind`, listKind),
    ...shortNames.flatMap((name, index) => joined(`${path}.shortNames[${index}]`, name, dns1035Label(name))),
  ];
  if (kind !== "" && kind === listKind)
    findings.push(bad(`${path}.listKind`, listKind, "kind and listKind may not be the same"));
  findings.push(
    ...categories.flatMap((name, index) => joined(`${path}.categories[${index}]`, name, dns1035Label(name))),
  );
  return findings;
}

function mixedCase(path: string, name: string): FieldError[] {
  const problems = name === "" ? [] : dns1035Label(name.toLowerCase());
  return joined(path, name, problems, "may have mixed case, but should otherwise match: ");
}

/** This validation tells all that is wrong with a name in one finding. */
export function joined(path: string, value: string, problems: Problems, before = ""): FieldError[] {
  return problems.length === 0 ? [] : [bad(path, value, before + problems.join(","))];
}
