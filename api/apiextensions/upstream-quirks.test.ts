import { describe, expect, it } from "vitest";
import type { CustomResourceDefinitionSpec } from "../generated/types/apiextensions-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import {
  validateCustomResourceDefinitionUpdate,
  validateNewCustomResourceDefinition,
} from "./custom-resource-definition-validation.ts";
import { boats, v1 } from "./definition.testing.ts";

function webhook(service: { name: string; namespace: string; path?: string }): Partial<CustomResourceDefinitionSpec> {
  const clientConfig = { service: { port: 443, ...service } };
  return { conversion: { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } } };
}

const v2 = { ...v1, name: "v2", storage: false };
const color = [{ jsonPath: ".spec.color" }];

/** What upstream v1.36 answers, however odd. */
describe("a new definition", () => {
  it.each<[string, Partial<CustomResourceDefinitionSpec>, string[]]>([
    [
      "whose webhook's service has no name",
      webhook({ name: "", namespace: "b" }),
      ["spec.conversion.webhookClientConfig.service.namespace: Required value"],
    ],
    [
      "whose webhook's path has a gap",
      webhook({ name: "a", namespace: "b", path: "/a//b" }),
      ['spec.conversion.webhookClientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty'],
    ],
    [
      "whose versions have one schema, but not the same selectable fields",
      { versions: [{ ...v1, selectableFields: color }, v2] },
      [
        'spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
      ],
    ],
    [
      "that keeps unknown fields and converts",
      { preserveUnknownFields: true, ...webhook({ name: "a", namespace: "b" }) },
      [
        'spec.conversion.strategy: Invalid value: "Webhook": must be None if spec.preserveUnknownFields is true',
        "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      ],
    ],
  ])("%s", (_what, spec, expected) => {
    const found = validateNewCustomResourceDefinition(boats(spec));
    expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
  });

  it("is the only one whose name is compared with its plural and group", () => {
    const changed = { ...boats(), metadata: { name: "boats.elsewhere.com" } };
    expect(validateCustomResourceDefinitionUpdate(changed, changed)).toEqual([]);
  });
});
