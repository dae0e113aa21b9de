import { ApiError } from "./status.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

function refused(message: string): ApiError {
  return new ApiError("BadRequest", message);
}

/** The text of `?fieldSelector=`: `a=b,c!=d`, all of which must hold; `\` escapes `,`, `=` and itself in values. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  return splitTerms(text)
    .filter((term) => term !== "")
    .map((term) => {
      const found = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
      if (found === null) throw refused(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = "", operator, value = ""] = found;
      return { field, operator: operator === "!=" ? "!=" : "=", value: unescapeValue(value) };
    });
}

function splitTerms(text: string): string[] {
  const terms = [""];
  let escaped = false;
  for (const character of text) {
    if (character === "," && !escaped) terms.push("");
    else terms[terms.length - 1] += character;
    escaped = character === "\\" && !escaped;
  }
  return terms;
}

function unescapeValue(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (part, escaped: string | undefined) => {
    if (escaped === undefined) throw refused(`invalid field selector: unescaped character in value: ${part}`);
    if (escaped !== "\\" && escaped !== "," && escaped !== "=")
      throw refused(`invalid field selector: invalid escape sequence: ${part}`);
    return escaped;
  });
}

/**
 * Refuses labels that a kind cannot be selected by. `selectable` holds what the kind declares, besides the two that
 * every kind has; undefined for a kind that declares nothing.
 */
export function requireSelectable(
  requirements: readonly FieldRequirement[],
  selectable: ReadonlySet<string> | undefined,
): void {
  for (const { field } of requirements) {
    if (field === "metadata.name" || field === "metadata.namespace" || selectable?.has(field) === true) continue;
    if (selectable !== undefined) throw refused(`field label not supported: ${field}`);
    throw refused(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
}

/** `valueOf` answers a field's text, "" when it is unset. */
export function matchesFields(requirements: readonly FieldRequirement[], valueOf: (field: string) => string): boolean {
  return requirements.every(({ field, operator, value }) => (valueOf(field) === value) === (operator === "="));
}

/** The value that a field must have, if the selector says so: such a list needs to look at few objects, or one. */
export function exactField(requirements: readonly FieldRequirement[], field: string): string | undefined {
  return requirements.find((requirement) => requirement.field === field && requirement.operator === "=")?.value;
}

export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, "\\$&")}`)
    .join(",");
}
