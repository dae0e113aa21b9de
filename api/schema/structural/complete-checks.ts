import type { FieldError } from "../../machinery/field-error.ts";
import { required } from "../../machinery/findings.ts";
import { getOwn } from "../../machinery/members.ts";
import type { SchemaProps } from "./parse.ts";
import { itemsOf } from "./schema-props.ts";

/** A schema, and where it is. */
interface Located {
  readonly schema: SchemaProps;
  readonly path: string;
}

/** Alternatives may only speak of what stands outside of them too. */
export function checkComplete(schema: SchemaProps, path: string, findings: FieldError[]): void {
  const whole = { schema, path };
  checkAlternatives(whole, whole, findings);
}

function checkAlternatives(part: Located, own: Located, findings: FieldError[]): void {
  const visit = (schema: SchemaProps, where: string): void =>
    checkPart({ schema, path: `${part.path}.${where}` }, own, findings);
  if (part.schema.not !== undefined) visit(part.schema.not, "not");
  for (const word of ["allOf", "anyOf", "oneOf"] as const)
    for (const [index, inner] of (part.schema[word] ?? []).entries()) visit(inner, `${word}[${index}]`);
}

function checkPart(part: Located, own: Located, findings: FieldError[]): void {
  checkAlternatives(part, own, findings);
  const compare = (inner: SchemaProps, schema: SchemaProps | undefined, where: string): void => {
    const path = `${part.path}.${where}`;
    if (schema === undefined) findings.push(required(`${own.path}.${where}`, `because it is defined in ${path}`));
    else checkPart({ schema: inner, path }, { schema, path: `${own.path}.${where}` }, findings);
  };
  const items = itemsOf(part.schema);
  if (items !== undefined) compare(items, itemsOf(own.schema), "items");
  for (const [name, property] of Object.entries(part.schema.properties ?? {}))
    compare(property, getOwn(own.schema.properties ?? {}, name), `properties[${name}]`);
}
