import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
  CustomResourceSubresourceScale,
} from "../generated/types/apiextensions-v1.ts";
import { deepEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import { dns1035Label } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { DefinitionVersion } from "./definition.ts";
import { joined } from "./names-validation.ts";
import { validateSelectableFields } from "./selectable-fields.ts";
import { placesOf } from "./version-places.ts";

/** Everything that versions say but their schemas. */
export function validateVersions(versions: readonly DefinitionVersion[]): FieldError[] {
  const field = "spec.versions";
  const findings = versions.flatMap((version, index) => [
    ...joined(`${field}[${index}].name`, version.name, dns1035Label(version.name)),
    ...validateDeprecation(version, `${field}[${index}].deprecationWarning`),
  ]);
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    findings.push(bad(field, versions, "must contain unique version names"));
  if (versions.filter(({ storage }) => storage).length !== 1)
    findings.push(bad(field, versions, "must have exactly one version marked as storage version"));
  // Upstream's internal type has the first version once more, by itself.
  const [first] = versions;
  const hasOneSchema = versions.every(({ schema }) => deepEqual(schema, first?.schema));
  if (first !== undefined && first.name !== "")
    findings.push(...joined("spec.version", first.name, dns1035Label(first.name)));
  return [
    ...findings,
    ...placesOf(versions, ({ subresources }) => subresources, {
      shared: "subresources",
      own: "subresources",
    }).flatMap(({ path, value }) => validateSubresources(value, path)),
    ...placesOf(versions, ({ additionalPrinterColumns }) => additionalPrinterColumns, {
      shared: "additionalPrinterColumns",
      own: "additionalPrinterColumns",
    }).flatMap(({ path, value }) => value.flatMap((column, index) => validateColumn(column, `${path}[${index}]`))),
    ...placesOf(versions, ({ selectableFields }) => selectableFields, {
      shared: "selectableFields",
      own: "selectableFields",
    }).flatMap(({ path, value, versions: [version] }) => {
      // Upstream looks for the schema beside the fields only, and moves what all versions have alike to the definition.
      const isShared = path === "spec.selectableFields";
      return validateSelectableFields(
        value,
        isShared === hasOneSchema ? version?.schema?.openAPIV3Schema : undefined,
        path,
      );
    }),
  ];
}

const longestWarning = 256;
/** Go's unicode.IsPrint. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function validateDeprecation({ deprecated, deprecationWarning: text }: DefinitionVersion, path: string): FieldError[] {
  if (text === undefined) return [];
  if (deprecated !== true) return [bad(path, text, "can only be set for deprecated versions")];
  const findings: FieldError[] = [];
  if (Buffer.byteLength(text) > longestWarning) findings.push(bad(path, text, "must be <= 256 characters long"));
  if (text === "") findings.push(bad(path, text, "must not be an empty string"));
  const found = unprintable.exec(text);
  if (found !== null) {
    const at = Buffer.byteLength(text.slice(0, found.index));
    const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${at}`;
    findings.push(bad(path, text, detail));
  }
  return findings;
}

function validateSubresources({ scale }: DeepReadonly<CustomResourceSubresources>, path: string): FieldError[] {
  return scale === undefined ? [] : validateScale(scale, `${path}.scale`);
}

function validateScale(scale: DeepReadonly<CustomResourceSubresourceScale>, path: string): FieldError[] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...requiredPath(`${path}.specReplicasPath`, specReplicasPath, ".spec."),
    ...requiredPath(`${path}.statusReplicasPath`, statusReplicasPath, ".status."),
    ...(labelSelectorPath ? pathBelow(`${path}.labelSelectorPath`, labelSelectorPath, [".spec.", ".status."]) : []),
  ];
}

function requiredPath(field: string, text: string, below: string): FieldError[] {
  return text ? pathBelow(field, text, [below]) : [required(field)];
}

function pathBelow(field: string, text: string, roots: readonly string[]): FieldError[] {
  const findings = simplePath(field, text);
  if (findings.length > 0 || roots.some((root) => text.startsWith(root))) return findings;
  const names = roots.map((root) => root.slice(0, -1));
  return [bad(field, text, `should be a json path under ${names.length > 1 ? "either " : ""}${names.join(" or ")}`)];
}

function simplePath(field: string, text: string): FieldError[] {
  return text.startsWith(".") ? [] : [bad(field, text, "must be a simple json path starting with .")];
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

function validateColumn(column: DeepReadonly<CustomResourceColumnDefinition>, path: string): FieldError[] {
  const { name, type, format, jsonPath } = column;
  const types = `must be one of ${columnTypes.join(",")}`;
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(type ? [] : [required(`${path}.type`, types)]),
    ...(type && !columnTypes.includes(type) ? [bad(`${path}.type`, type, types)] : []),
    ...(format && !columnFormats.includes(format)
      ? [bad(`${path}.format`, format, `must be one of ${columnFormats.join(",")}`)]
      : []),
    ...(jsonPath ? simplePath(`${path}.JSONPath`, jsonPath) : [required(`${path}.JSONPath`)]),
  ];
}
