import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultRules } from "../defaults.ts";
import { describeFieldError, type FieldError } from "../machinery/field-error.ts";
import type { JsonObject } from "../machinery/object.ts";
import { createConformer } from "./conform.ts";
import { createDefaulter } from "./default.ts";
import { looseEnums, notDemanded, requiredDetails } from "./required-fields.ts";
import { builtinSchemas } from "./tables.ts";
import { createStructureValidator, joinFindings } from "./validate.ts";

const schemas = builtinSchemas();
const conformer = createConformer();
const defaulterOf = createDefaulter(schemas, defaultRules, () => 0);
const validateStructure = createStructureValidator();

function said(findings: readonly FieldError[]): string[] {
  return findings.map((error) => `${error.field}: ${describeFieldError(error)}`);
}

/** As on a write: decoded, defaulted, then judged. */
function judged(definition: string, manifest: JsonObject): string[] {
  const type = schemas.get(definition);
  const { object } = conformer.conform(manifest, type);
  defaulterOf(definition)(object);
  return said(validateStructure(object, type));
}

const podSpec = { containers: [{ name: "a", image: "a" }] };

describe("required fields", () => {
  test("are told by path, empty ones too", () => {
    expect(
      judged("io.k8s.api.core.v1.Pod", {
        spec: {
          containers: [
            { name: "", ports: [{}] },
            { name: "b", volumeMounts: [{ name: "v" }] },
          ],
        },
      }),
    ).toEqual([
      "spec.containers[0].name: Required value",
      "spec.containers[1].volumeMounts[0].mountPath: Required value",
    ]);
  });

  test("are looked for in structs that are always there", () => {
    expect(judged("io.k8s.api.apps.v1.Deployment", {})).toEqual([
      "spec.selector: Required value",
      "spec.template.spec.containers: Required value",
    ]);
  });

  test("have upstream's reasons", () => {
    expect(judged("io.k8s.api.rbac.v1.Role", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: [] }] })).toEqual(
      ["rules[0].verbs: Required value: verbs must contain at least one value"],
    );
  });

  test("that upstream does not ask for may be unset", () => {
    expect(judged("io.k8s.api.storage.v1.CSINode", { spec: { drivers: [] } })).toEqual([]);
    expect(judged("io.k8s.api.core.v1.LimitRange", { spec: { limits: [] } })).toEqual([]);
    expect(
      judged("io.k8s.api.core.v1.Pod", { spec: { ...podSpec, securityContext: { sysctls: [{ name: "a" }] } } }),
    ).toEqual([]);
  });

  test("of status and metadata are not asked for", () => {
    const pod = {
      metadata: { ownerReferences: [{}] },
      spec: podSpec,
      status: { containerStatuses: [{}], conditions: [{}] },
    };
    expect(judged("io.k8s.api.core.v1.Pod", pod)).toEqual([]);
  });
});

describe("enums", () => {
  test("name what is supported, sorted", () => {
    expect(
      judged("io.k8s.api.core.v1.Service", { spec: { type: "Foo", ports: [{ port: 1, protocol: "tcp" }] } }),
    ).toEqual([
      'spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
      'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ]);
  });

  test("hold for each item of a list", () => {
    expect(judged("io.k8s.api.networking.v1.NetworkPolicy", { spec: { policyTypes: ["Ingress", "x"] } })).toEqual([
      'spec.policyTypes[1]: Unsupported value: "x": supported values: "Egress", "Ingress"',
    ]);
  });

  test("say nothing about empty text", () => {
    const pod = {
      spec: {
        ...podSpec,
        volumes: [{ name: "v", hostPath: { path: "/x", type: "" } }],
        tolerations: [{ operator: "" }],
      },
    };
    expect(judged("io.k8s.api.core.v1.Pod", pod)).toEqual([]);
  });
});

test("of two findings of one sort about one field the kind's own stays", () => {
  const structural: FieldError = { type: "Required", field: "spec.a", detail: "" };
  const own: FieldError = { type: "Required", field: "spec.a", detail: "a is needed" };
  const other: FieldError = { type: "Invalid", field: "spec.a", value: "x", detail: "no" };
  expect(joinFindings([structural, other], [own, own])).toEqual([other, own]);
});

test("exceptions name fields that exist", () => {
  const prefixes: Record<string, string> = {
    "meta.v1": "io.k8s.apimachinery.pkg.apis.",
    "apiextensions.v1": "io.k8s.apiextensions-apiserver.pkg.apis.",
  };
  const lost = [...notDemanded, ...requiredDetails.keys(), ...looseEnums].filter((place) => {
    const [group = "", version = "", kind = "", field = ""] = place.split(".");
    const name = `${prefixes[`${group}.${version}`] ?? "io.k8s.api."}${group}.${version}.${kind}`;
    return !schemas.has(name) || !schemas.get(name).fields.has(field);
  });
  expect(lost).toEqual([]);
});

test("any object can be judged", () => {
  const kinds = ["core.v1.Pod", "apps.v1.StatefulSet", "networking.v1.Ingress", "resource.v1.ResourceClaim"];
  const types = kinds.map((kind) => schemas.get(`io.k8s.api.${kind}`));
  const json = fc.jsonValue().map((value) => ({ metadata: {}, spec: value, type: value }));
  fc.assert(
    fc.property(fc.constantFrom(...types), json, (type, object) => {
      for (const { type: sort } of validateStructure(object as JsonObject, type))
        expect(["Required", "NotSupported"]).toContain(sort);
    }),
  );
});
