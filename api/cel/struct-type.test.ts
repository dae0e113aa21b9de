import { describe, expect, it } from "vitest";
import { builtinSchemas } from "../schema/tables.ts";
import { createCelEnvironment } from "./environment.ts";
import { celTypeOfStruct } from "./struct-type.ts";

const schemas = builtinSchemas();
const named = (definition: string): ReturnType<typeof createCelEnvironment> => {
  const type = celTypeOfStruct(schemas.get(`io.k8s.${definition}`), definition.split(".").at(-1) ?? "");
  return createCelEnvironment({ variables: { object: type } });
};

describe("the type of a built-in kind", () => {
  it.each([
    ["api.apps.v1.Deployment", "object.spec.replicas > 1"],
    ["api.apps.v1.Deployment", "object.metadata.labels['app'] == 'web' && object.kind == 'Deployment'"],
    ["api.apps.v1.Deployment", "object.spec.template.spec.containers.all(c, c.image.startsWith('registry/'))"],
    ["api.apps.v1.Deployment", "object.metadata.creationTimestamp < timestamp('2024-01-01T00:00:00Z')"],
    [
      "api.apps.v1.Deployment",
      "object.spec.strategy.rollingUpdate.maxSurge == 1 || object.spec.strategy.rollingUpdate.maxSurge == '25%'",
    ],
    ["api.core.v1.Secret", "size(object.data['key']) > 3"],
    ["api.core.v1.Pod", "object.metadata.__namespace__ == 'ns'"],
    [
      "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
      "object.spec.versions[0].schema.openAPIV3Schema.properties['a'].properties['b'].type == 'string'",
    ],
  ])("of %s knows what %s means", (definition, expression) => {
    expect(named(definition).compile(expression).returns).toEqual({ type: "bool" });
  });

  it.each([
    ["api.apps.v1.Deployment", "object.replicas > 1", "<input>:1:7: undefined field 'replicas'"],
    [
      "api.apps.v1.Deployment",
      "object.spec.replicas > 'x'",
      "found no matching overload for '_>_' applied to '(int, string)'",
    ],
    ["api.core.v1.Container", "object.resources.limits['cpu'] == '1'", "undefined field 'limits'"],
  ])("of %s tells what is wrong with %s", (definition, expression, message) => {
    expect(() => named(definition).compile(expression)).toThrow(message);
  });
});
