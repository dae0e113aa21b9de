import type { TopologySelectorTerm } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { duplicate, named, required } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Term = DeepReadonly<TopologySelectorTerm>;

/** Where volumes of a class may be made. */
export function validateTopologies(terms: readonly Term[]): FieldError[] {
  const mapOf = ({ matchLabelExpressions = [] }: Term): object =>
    Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, (values ?? []).toSorted()]));
  const maps = terms.map(mapOf);
  return terms.flatMap((term, index) => {
    const path = `allowedTopologies[${index}].matchLabelExpressions`;
    const again = maps.slice(0, index).some((before) => semanticEqual(before, maps[index]));
    return [...validateTerm(term, path), ...(again ? [duplicate(path, "")] : [])];
  });
}

function validateTerm({ matchLabelExpressions = [] }: Term, path: string): FieldError[] {
  const keys = new Set<string>();
  return matchLabelExpressions.flatMap(({ key, ...rest }, index) => {
    const at = `${path}[${index}]`;
    const values = rest.values ?? [];
    const findings = values.length === 0 ? [required(`${at}.values`)] : [];
    for (const [place, value] of values.entries())
      if (values.indexOf(value) !== place) findings.push(duplicate(`${at}.values[${place}]`, value));
    findings.push(...named(`${at}.key`, key, labelKey(key)));
    if (keys.has(key)) findings.push(duplicate(`${at}.key`, key));
    keys.add(key);
    return findings;
  });
}
