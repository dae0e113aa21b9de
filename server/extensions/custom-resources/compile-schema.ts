import { notFound } from "../../../api/machinery/status.ts";
import { createConformer } from "../../../api/schema/conform.ts";
import { createRegularExpressions } from "../../../api/machinery/regular-expression.ts";
import type { Schemas } from "../../../api/schema/schema.ts";
import { createMergeTypes } from "../../../api/schema/struct-merge-type.ts";
import { createStructuralCodec } from "../../../api/schema/structural/codec.ts";
import { parseStructural } from "../../../api/schema/structural/parse.ts";
import type { CelEnvironmentFactory } from "../../../api/schema/structural/rule-program.ts";
import { createRuleChecker } from "../../../api/schema/structural/rules.ts";
import type { VersionCodec } from "../../encoding/kind.ts";
import type { CustomKindParts } from "./custom-kind.ts";
import type { DefinitionSource } from "./definition-source.ts";
import { servedNames } from "./definition-summary.ts";

export interface SchemaCompilerDeps {
  readonly source: Pick<DefinitionSource, "find">;
  /** Built-in types: every object has ObjectMeta. */
  readonly schemas: Schemas;
  /** What compiles `x-kubernetes-validations`. */
  readonly environmentOf: CelEnvironmentFactory;
}

/** Compiles schemas out of the stored definitions, whose documents are read for it and dropped again. */
export function createSchemaCompiler({
  source,
  schemas,
  environmentOf,
}: SchemaCompilerDeps): CustomKindParts["compile"] {
  const patterns = createRegularExpressions();
  const type = schemas.get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  const objectMeta = { conformer: createConformer(), type, merge: createMergeTypes()(type) };
  return (summary, version): VersionCodec => {
    const definition = source.find(summary.name);
    const props = definition?.spec.versions.find(({ name }) => name === version.name)?.schema?.openAPIV3Schema;
    if (props === undefined || definition?.metadata?.uid !== summary.uid)
      throw notFound({ group: "apiextensions.k8s.io", resource: "customresourcedefinitions" }, summary.name);
    const schema = parseStructural(props);
    return createStructuralCodec({
      schema,
      version: version.name,
      kind: servedNames(summary).kind,
      ...(schema.holds.rules ? { rules: createRuleChecker(schema, environmentOf) } : {}),
      patterns,
      objectMeta,
    });
  };
}
