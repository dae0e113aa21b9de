/** One alternative of an `Accept` or `Accept-Encoding` header: `application/json;as=Table;q=0.8`. */
export interface AcceptClause {
  /** Lower case. */
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The alternatives, best quality first; what is refused (`q=0`) is left out. RFC 9110, section 12.4.2.
 * Their number is bounded by the header's size.
 */
export function acceptClauses(header: string): readonly AcceptClause[] {
  const clauses = header.split(",").map((text) => {
    const [value = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map(nameAndValue));
    const quality = Number(parameters.get("q") ?? "1");
    return { value: value.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
  });
  return clauses.filter(({ quality }) => quality > 0).toSorted((a, b) => b.quality - a.quality);
}

function nameAndValue(parameter: string): [name: string, value: string] {
  const equals = parameter.indexOf("=");
  return equals === -1 ? [parameter, ""] : [parameter.slice(0, equals), parameter.slice(equals + 1)];
}
