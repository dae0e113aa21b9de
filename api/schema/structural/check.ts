import type { FieldError } from "../../machinery/field-error.ts";
import { bad, forbidden } from "../../machinery/findings.ts";
import { createRegularExpressions } from "../../machinery/regular-expression.ts";
import { checkDefaults } from "./default-checks.ts";
import type { MetadataReader } from "./metadata.ts";
import { createSchemaPool, parseStructural, type SchemaPool, type SchemaProps } from "./parse.ts";
import { checkTotalCost, rootRuleContext } from "./rule-checks.ts";
import type { CelEnvironmentFactory } from "./rule-program.ts";
import { checkSchemaProps } from "./schema-checks.ts";
import { isReadable, isSet } from "./schema-props.ts";
import { structuralViolations } from "./structural-checks.ts";

export interface CheckOptions {
  /** How metadata in defaults is read. */
  readonly objectMeta: MetadataReader;
  /** Absent: rules are not compiled. */
  readonly environmentOf?: CelEnvironmentFactory;
  /** The version has the status subresource: its schema is cut out of the root's properties. */
  readonly hasStatus?: boolean;
  /** Why there may be no defaults, such as a conversion that keeps unknown fields. */
  readonly noDefaults?: string;
}

/**
 * Everything that is wrong with a version's schema, in upstream's words. `path` is the schema's own:
 * `spec.versions[0].schema.openAPIV3Schema`; upstream says `spec.validation.openAPIV3Schema` where all versions have the
 * same.
 */
export function checkSchema(schema: SchemaProps, path: string, options: CheckOptions): FieldError[] {
  const { environmentOf, noDefaults } = options;
  const pool = createSchemaPool();
  const isStructural = isReadable(schema);
  const structure = isStructural ? checkStructure(schema, path, pool, options) : [];
  const hasRules = isStructural && structure.length === 0 && environmentOf !== undefined;
  const findings = [...checkRoot(schema, path, options.hasStatus === true), ...structure];
  const rules = hasRules ? rootRuleContext(pool, environmentOf) : undefined;
  const found = checkSchemaProps(schema, path, { pool, noDefaults, rules });
  return [
    ...findings,
    ...found.schema,
    ...found.rules,
    ...(rules === undefined ? [] : checkTotalCost(rules.costs, path)),
  ];
}

function checkStructure(schema: SchemaProps, path: string, pool: SchemaPool, options: CheckOptions): FieldError[] {
  const patterns = createRegularExpressions();
  const violations = structuralViolations(schema, path, patterns);
  if (violations.length > 0) return violations;
  return checkDefaults(parseStructural(schema, pool), path, { ...options, patterns });
}

/** As Go names them, which messages show. */
const rootWords: Readonly<Record<string, string>> = {
  description: "Description",
  type: "Type",
  format: "Format",
  title: "Title",
  maximum: "Maximum",
  exclusiveMaximum: "ExclusiveMaximum",
  minimum: "Minimum",
  exclusiveMinimum: "ExclusiveMinimum",
  maxLength: "MaxLength",
  minLength: "MinLength",
  pattern: "Pattern",
  maxItems: "MaxItems",
  minItems: "MinItems",
  uniqueItems: "UniqueItems",
  multipleOf: "MultipleOf",
  required: "Required",
  items: "Items",
  properties: "Properties",
  externalDocs: "ExternalDocs",
  example: "Example",
  "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields",
  "x-kubernetes-validations": "XValidations",
};

function checkRoot(schema: SchemaProps, path: string, hasStatus: boolean): FieldError[] {
  const findings: FieldError[] = [];
  if (hasStatus) {
    const detail = "allowed as the type at the root of the schema if the status subresource is enabled";
    if (isSet(schema.type) && schema.type !== "object")
      findings.push(bad(`${path}.type`, schema.type, `only "object" is ${detail}`));
    const stranger = Object.entries(schema).some(([word, value]) => isSet(value) && !Object.hasOwn(rootWords, word));
    if (stranger) {
      const words = Object.values(rootWords).join(" ");
      const only = `only [${words}] fields are allowed at the root of the schema if the status subresource is enabled`;
      findings.push(bad(path, schema, only));
    }
  }
  if (schema.nullable === true) findings.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  return findings;
}
