import { describe, expect, it } from "vitest";
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from "../generated/types/apiextensions-v1.ts";
import { findingsOf } from "../row.testing.ts";
import { customResourceDefinitions } from "./custom-resource-definitions.ts";
import { boatNames as names, boats, v1 } from "./definition.testing.ts";

type Spec = Partial<CustomResourceDefinitionSpec>;
const v2 = { ...v1, name: "v2", storage: false };
const { schema: _schema, ...withoutSchema } = v1;
const url = "https://example.com/convert";
const longList = "must consist of lower case alphanumeric characters or '-', start with an alphabetic character";
const label = `a DNS-1035 label ${longList}, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`;

function findings(spec: Spec): string[] {
  return findingsOf(customResourceDefinitions, boats(spec));
}

describe("a definition", () => {
  it("can be good", () => {
    expect(findings({})).toEqual([]);
    expect(findings({ versions: [v1, v2] })).toEqual([]);
    expect(findings({ scope: "Cluster" })).toEqual([]);
  });

  it.each<[string, Spec, string]>([
    [
      "whose name is another",
      { names: { ...names, plural: "ships" } },
      'metadata.name: Invalid value: "boats.example.com": must be spec.names.plural+"."+spec.group',
    ],
    [
      "with one kind for two",
      { names: { ...names, listKind: "Boat" } },
      'spec.names.listKind: Invalid value: "Boat": kind and listKind may not be the same',
    ],
    ["without a singular", { names: { ...names, singular: "" } }, "spec.names.singular: Required value"],
    [
      "with a bad short name",
      { names: { ...names, shortNames: ["bt", "B t"] } },
      `spec.names.shortNames[1]: Invalid value: "B t": ${label}`,
    ],
    [
      "with a bad kind",
      { names: { ...names, kind: "Bo_at" } },
      `spec.names.kind: Invalid value: "Bo_at": may have mixed case, but should otherwise match: ${label}`,
    ],
    [
      "with a bad category",
      { names: { ...names, categories: [""] } },
      `spec.names.categories[0]: Invalid value: "": ${label}`,
    ],
    [
      "of an unknown scope",
      { scope: "Galaxy" },
      'spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"',
    ],
    ["without a scope", { scope: "" }, "spec.scope: Required value"],
    [
      "of a group without a dot",
      { group: "example" },
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ],
    ["without a schema", { versions: [withoutSchema] }, "spec.versions[0].schema.openAPIV3Schema: Required value"],
    [
      "that keeps what nobody knows",
      { preserveUnknownFields: true },
      "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
    ],
    [
      "of a guarded group",
      { group: "boats.k8s.io" },
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ])("%s is refused", (_what, spec, expected) => {
    expect(findings(spec)).toEqual([expected]);
  });

  it.each<[string | undefined, string[]]>([
    ["unapproved, experimental", []],
    ["https://github.com/kubernetes/kubernetes/pull/1", []],
    ["yes", [expect.stringContaining('with either a URL or a reason starting with "unapproved"')]],
  ])("of a guarded group is approved by %s", (annotation, expected) => {
    const guarded = boats({ group: "boats.k8s.io" });
    guarded.metadata = { ...guarded.metadata, annotations: { "api-approved.kubernetes.io": annotation ?? "" } };
    expect(findingsOf(customResourceDefinitions, guarded)).toEqual(expected);
  });
});

describe("versions", () => {
  it.each<[string, CustomResourceDefinitionSpec["versions"], string]>([
    [
      "without a storage version",
      [{ ...v1, storage: false }],
      "must have exactly one version marked as storage version",
    ],
    [
      "with two storage versions",
      [v1, { ...v2, storage: true }],
      "must have exactly one version marked as storage version",
    ],
    ["with one of them twice", [v1, { ...v1, storage: false }], "must contain unique version names"],
    ["with a bad name", [{ ...v1, name: "1" }], label],
    ["that warn without need", [{ ...v1, deprecationWarning: "old" }], "can only be set for deprecated versions"],
    ["that warn of nothing", [{ ...v1, deprecated: true, deprecationWarning: "" }], "must not be an empty string"],
    [
      "that warn at length",
      [{ ...v1, deprecated: true, deprecationWarning: "é".repeat(129) }],
      "must be <= 256 characters long",
    ],
    [
      "that warn in riddles",
      [{ ...v1, deprecated: true, deprecationWarning: "é\u0007" }],
      "must only contain printable UTF-8 characters; non-printable character found at index 2",
    ],
  ])("%s are refused", (_what, versions, detail) => {
    const found = findings({ versions });
    // Without a storage version there is no stored one either.
    const [first = "", ...more] = found.filter((finding) => !finding.startsWith("status"));
    // The first version's name is looked at twice.
    const others = more.filter((finding) => !finding.startsWith("spec.version:"));
    expect([first.slice(-detail.length), others]).toEqual([detail, []]);
  });

  it("may say they are old", () => {
    expect(
      findings({ versions: [{ ...v1, deprecated: true, deprecationWarning: "use v2, s’il vous plaît" }] }),
    ).toEqual([]);
  });

  const column = { name: "Color", type: "string", jsonPath: ".spec.color" };
  it.each<[object, string]>([
    [{ ...column, name: "" }, "name: Required value"],
    [{ ...column, type: "" }, "type: Required value: must be one of boolean,date,integer,number,string"],
    [{ ...column, type: "text" }, 'type: Invalid value: "text": must be one of boolean,date,integer,number,string'],
    [
      { ...column, format: "x" },
      'format: Invalid value: "x": must be one of byte,date,date-time,double,float,int32,int64,password',
    ],
    [{ ...column, jsonPath: "" }, "JSONPath: Required value"],
    [{ ...column, jsonPath: "spec" }, 'JSONPath: Invalid value: "spec": must be a simple json path starting with .'],
  ])("refuse the column %j", (bad, expected) => {
    const additionalPrinterColumns = [bad as typeof column];
    const shared = `spec.additionalPrinterColumns[0].${expected}`;
    expect(findings({ versions: [{ ...v1, additionalPrinterColumns }] })).toEqual([shared]);
    // What versions have for themselves is told by version.
    expect(findings({ versions: [v1, { ...v2, additionalPrinterColumns }] })).toEqual([
      `spec.versions[1].additionalPrinterColumns[0].${expected}`,
    ]);
  });

  it.each<[string, string, string | undefined, string[]]>([
    [".spec.oars", ".status.oars", ".status.selector", []],
    [".spec.oars", ".status.oars", ".spec.selector", []],
    ["", "", undefined, ["specReplicasPath: Required value", "statusReplicasPath: Required value"]],
    [
      ".oars",
      "status",
      ".selector",
      [
        'specReplicasPath: Invalid value: ".oars": should be a json path under .spec',
        'statusReplicasPath: Invalid value: "status": must be a simple json path starting with .',
        'labelSelectorPath: Invalid value: ".selector": should be a json path under either .spec or .status',
      ],
    ],
  ])("scale by %s, %s and %s", (specReplicasPath, statusReplicasPath, labelSelectorPath, expected) => {
    const scale = {
      specReplicasPath,
      statusReplicasPath,
      ...(labelSelectorPath === undefined ? {} : { labelSelectorPath }),
    };
    expect(findings({ versions: [{ ...v1, subresources: { scale } }] })).toEqual(
      expected.map((finding) => `spec.subresources.scale.${finding}`),
    );
  });

  it.each<[string[], string[]]>([
    [[".spec.color", ".spec.oars"], []],
    [[""], ["[0].jsonPath: Required value"]],
    [
      [".spec.wings"],
      ['[0].jsonPath: Invalid value: ".spec.wings": is an invalid path: does not refer to a valid field'],
    ],
    [["spec"], ['[0].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec']],
    [
      [".spec.oars[0]"],
      ['[0].jsonPath: Invalid value: ".spec.oars[0]": is an invalid path: array notation is not allowed'],
    ],
    [
      [".spec"],
      [
        '[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      ],
    ],
    [[".spec.color", ".spec.color"], ['[1].jsonPath: Duplicate value: ".spec.color"']],
  ])("are selected by %j", (paths, expected) => {
    const selectableFields = paths.map((jsonPath) => ({ jsonPath }));
    expect(findings({ versions: [{ ...v1, selectableFields }] })).toEqual(
      expected.map((finding) => `spec.selectableFields${finding}`),
    );
  });
});

describe("conversion", () => {
  const webhook = { clientConfig: { url }, conversionReviewVersions: ["v1"] };
  it.each<[NonNullable<Spec["conversion"]>, string[]]>([
    [{ strategy: "Webhook", webhook }, []],
    [{ strategy: "" }, ["strategy: Required value"]],
    [{ strategy: "Magic" }, ['strategy: Unsupported value: "Magic": supported values: "None", "Webhook"']],
    [
      { strategy: "None", webhook },
      [
        "webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook",
        "conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook",
      ],
    ],
    [
      { strategy: "Webhook" },
      [
        "webhookClientConfig: Required value: required when strategy is set to Webhook",
        "conversionReviewVersions: Required value",
      ],
    ],
    [
      { strategy: "Webhook", webhook: { ...webhook, clientConfig: {} } },
      ["webhookClientConfig: Required value: exactly one of url or service is required"],
    ],
    [
      { strategy: "Webhook", webhook: { ...webhook, conversionReviewVersions: ["v2", "v2"] } },
      [
        'conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
        'conversionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
      ],
    ],
  ])("%j", (conversion, expected) => {
    expect(findings({ conversion })).toEqual(expected.map((finding) => `spec.conversion.${finding}`));
  });
});

describe("an update", () => {
  const established = (spec: Spec = {}): CustomResourceDefinition => {
    const definition = boats(spec);
    return {
      ...definition,
      status: { ...definition.status, conditions: [{ type: "Established", status: "True" }] },
    };
  };

  it("keeps what objects and clients rely on", () => {
    const changed = boats({ scope: "Cluster", names: { ...names, kind: "Ship" } });
    expect(findingsOf(customResourceDefinitions, changed, established())).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Ship": field is immutable',
    ]);
    expect(findingsOf(customResourceDefinitions, changed, boats())).toEqual([]);
  });

  it("keeps versions in which objects may be stored", () => {
    const changed = boats({ versions: [{ ...v2, storage: true }] });
    changed.status = { storedVersions: ["v1", "v2"] };
    expect(findingsOf(customResourceDefinitions, changed, established())).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });

  it("needs a CA bundle with a certificate once there was none worse", () => {
    const bundled = (caBundle: string): Spec["conversion"] => ({
      strategy: "Webhook",
      webhook: { clientConfig: { url, caBundle }, conversionReviewVersions: ["v1"] },
    });
    const bad = { conversion: bundled("AAAA") } as Spec;
    expect(findingsOf(customResourceDefinitions, boats(bad), established())).toEqual([
      'spec.conversion.webhookClientConfig.caBundle: Invalid value: "AAAA": unable to load root certificates: unable to parse bytes as PEM block',
    ]);
    expect(findingsOf(customResourceDefinitions, boats(bad), established(bad))).toEqual([]);
    expect(findings(bad)).toEqual([]);
  });

  it("need not repair what was let in before", () => {
    const kept = { preserveUnknownFields: true };
    expect(findingsOf(customResourceDefinitions, boats(kept), established(kept))).toEqual([]);
    const guarded = { group: "boats.k8s.io" };
    expect(findingsOf(customResourceDefinitions, boats(guarded), established(guarded))).toEqual([]);
  });

  it("of the status looks at nothing but the status", () => {
    const definition = boats({ scope: "Galaxy" });
    definition.status = { acceptedNames: { kind: "", plural: "B" }, storedVersions: [] };
    expect(findingsOf(customResourceDefinitions, definition, boats(), "status")).toEqual([
      `status.acceptedNames.plural: Invalid value: "B": ${label}`,
    ]);
  });
});
