/** The slow look at what `conform` found fault with, in the order of the input: where, and in Go's words. */
import { goKind } from "../machinery/json.ts";
import { isObject } from "../machinery/members.ts";
import type { Json, JsonObject } from "../machinery/object.ts";
import { goName, goType, maxDepth, MismatchError, tooDeep } from "./mismatch.ts";
import { boolOrSchema, scalar } from "./scalars.ts";
import type { StructType, ValueType } from "./schema.ts";

export interface Inspection {
  readonly unknown: readonly string[];
  /** The first misfit, such as `json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container`. */
  readonly complaint: string | undefined;
}

/** Where Go's decoder is: the last struct, and the field in it, of the place outside. Indexes and map keys do not count. */
interface GoPlace {
  readonly struct: string;
  readonly field: string;
  readonly outer: GoPlace | undefined;
}

/** Upstream stops counting there too. */
const mostUnknown = 100;

export function inspect(value: Json, type: StructType): Inspection {
  const unknown = new Set<string>();
  let complaint: string | undefined;
  let depth = 0;

  function complain(thrown: MismatchError, place: GoPlace | undefined): void {
    if (complaint !== undefined) return;
    const it = thrown.complaint;
    if ("said" in it) complaint = it.said;
    else if (place === undefined) complaint = `json: cannot unmarshal ${it.found} into Go value of type ${it.wanted}`;
    else
      complaint = `json: cannot unmarshal ${it.found} into Go struct field ${place.struct}.${fieldsTo(place)} of type ${it.wanted}`;
  }

  /** Without a path nothing is reported as unknown. */
  function visit(given: Json, as: ValueType, path: string | undefined, place: GoPlace | undefined): void {
    if (given === null) return;
    switch (as.type) {
      case "struct":
        if (isObject(given)) return visitStruct(given, as.of, path, place);
        break;
      case "list":
        if (Array.isArray(given))
          return given.forEach((item, index) => visit(item, as.of, under(path, `[${index}]`), place));
        break;
      case "map":
        if (isObject(given))
          return Object.entries(given).forEach(([key, item]) =>
            visit(item ?? null, as.of, under(path, `.${key}`), place),
          );
        break;
      case "schemaOr":
        return visitUnion(given, as);
      default:
        return attempt(() => scalar(as)(given), place);
    }
    complain(new MismatchError({ found: goKind(given), wanted: goType(as) }), place);
  }

  function visitStruct(given: JsonObject, of: StructType, path: string | undefined, place: GoPlace | undefined): void {
    if (depth >= maxDepth) return complain(tooDeep(), place);
    depth++;
    for (const [key, item] of Object.entries(given)) {
      const field = of.fields.get(key);
      const here = path === "" ? key : under(path, `.${key}`);
      if (field !== undefined) visit(item ?? null, field.value, here, { struct: goName(of), field: key, outer: place });
      else if (item !== undefined && here !== undefined && unknown.size < mostUnknown) unknown.add(here);
    }
    depth--;
  }

  /** The unions of JSON schema decode themselves: upstream finds nothing unknown inside, and counts places anew. */
  function visitUnion(given: Json, as: Extract<ValueType, { type: "schemaOr" }>): void {
    const schema: ValueType = { type: "struct", of: as.of };
    if (isObject(given)) visit(given, schema, undefined, undefined);
    else if (as.other === "bool") attempt(() => boolOrSchema(given), undefined);
    else if (Array.isArray(given))
      visit(given, { type: "list", of: as.other === "array" ? schema : { type: "string" } }, undefined, undefined);
  }

  function attempt(convert: () => Json, place: GoPlace | undefined): void {
    try {
      convert();
    } catch (thrown) {
      if (!(thrown instanceof MismatchError)) throw thrown;
      complain(thrown, place);
    }
  }

  visit(value, { type: "struct", of: type }, "", undefined);
  return { unknown: [...unknown], complaint };
}

function fieldsTo(place: GoPlace): string {
  const fields: string[] = [];
  for (let at: GoPlace | undefined = place; at !== undefined; at = at.outer) fields.push(at.field);
  return fields.reverse().join(".");
}

function under(path: string | undefined, step: string): string | undefined {
  return path === undefined ? undefined : path + step;
}
