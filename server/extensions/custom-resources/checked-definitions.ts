import type { Definition } from "../../../api/apiextensions/definition.ts";
import { validateSchemas } from "../../../api/apiextensions/schema-validation.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import type { ResourceRow } from "../../../api/resource.ts";
import { createConformer } from "../../../api/schema/conform.ts";
import type { Schemas } from "../../../api/schema/schema.ts";
import type { CelEnvironmentFactory } from "../../../api/schema/structural/rule-program.ts";

export interface DefinitionCheckDeps {
  /** Built-in types: every object has ObjectMeta. */
  readonly schemas: Schemas;
  /** What compiles `x-kubernetes-validations`. */
  readonly environmentOf: CelEnvironmentFactory;
}

/** The row of CustomResourceDefinitions, which looks at their schemas too: for that it takes more than a row knows. */
export function checkedDefinitions(row: ResourceRow, { schemas, environmentOf }: DefinitionCheckDeps): ResourceRow {
  const type = schemas.get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  const options = { objectMeta: { conformer: createConformer(), type }, environmentOf };
  return {
    ...row,
    validate: (object, context) => [
      ...(row.validate?.(object, context) ?? []),
      ...(context.operation === "create" ? validateSchemas(definitionIn(object), undefined, options) : []),
    ],
    validateUpdate: (object, old, context) => [
      ...(row.validateUpdate?.(object, old, context) ?? []),
      ...(context.subresource === "" ? validateSchemas(definitionIn(object), definitionIn(old), options) : []),
    ],
  };
}

/** Hooks only ever see objects of their row. */
function definitionIn(object: DeepReadonly<KubeObject>): Definition {
  return object as Definition;
}
