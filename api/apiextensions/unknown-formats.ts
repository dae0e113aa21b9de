import type { JSONSchemaProps } from "../generated/types/apiextensions-v1.ts";
import { isObject } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { isKnownFormat } from "../schema/structural/formats.ts";
import type { Definition } from "./definition.ts";

type Schema = DeepReadonly<JSONSchemaProps>;

/** Formats in a definition's schemas that no value is ever checked for, each once. */
export function unknownFormats({ spec }: Definition): readonly string[] {
  const found = new Set<string>();
  const open: Schema[] = (spec.versions ?? []).flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    const { type = "", format } = schema;
    if (format !== undefined && format !== "" && !isKnownFormat(type, format)) found.add(format);
    for (const part of partsOf(schema)) open.push(part);
  }
  return [...found].toSorted();
}

function partsOf(schema: Schema): readonly Schema[] {
  const { properties, items, additionalProperties, allOf = [], anyOf = [], oneOf = [], not } = schema;
  return [
    ...Object.values(properties ?? {}),
    ...[items, additionalProperties, not].filter((part): part is Schema => isObject(part)),
    ...allOf,
    ...anyOf,
    ...oneOf,
  ];
}
