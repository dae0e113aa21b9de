import type { Secret } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, named, required, tooLong } from "../machinery/findings.ts";
import { getOwn, isObject, setOwn } from "../machinery/members.ts";
import { configMapKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { frozenData, longestData, sizeOfBase64 } from "./data-maps.ts";

export const secrets: ResourceRow = defineResource<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.Secret",
  storageVersionHash: "S6u1pOWzb84=",
  unconditionalUpdate: true,
  prepareForCreate: encodeStringData,
  prepareForUpdate: encodeStringData,
  validate,
  validateUpdate: (secret, old) => [...immutable("type", secret.type, old.type), ...frozenData(secret, old, ["data"])],
  selectableFields: { type: ({ type }) => type ?? "" },
  table: {
    columns: [
      nameColumn,
      { name: "Type", type: "string", description: "What the secret is for." },
      { name: "Data", type: "string", description: "How many keys there are." },
      ageColumn,
    ],
    cells: ({ metadata, type, data }, { now }) => [
      metadata?.name ?? "",
      type ?? "",
      Object.keys(data ?? {}).length,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

/** stringData is for writing only: it is folded into data, over what is there. */
function encodeStringData(secret: Secret): void {
  if (secret.stringData === undefined) return;
  const data = secret.data ?? {};
  for (const [key, text] of Object.entries(secret.stringData))
    setOwn(data, key, Buffer.from(text, "utf8").toString("base64"));
  if (Object.keys(data).length > 0) secret.data = data;
  delete secret.stringData;
}

/** Keys that a secret of a well-known type must have. */
const neededKeys = new Map<string, readonly string[]>([
  ["kubernetes.io/dockercfg", [".dockercfg"]],
  ["kubernetes.io/dockerconfigjson", [".dockerconfigjson"]],
  ["kubernetes.io/ssh-auth", ["ssh-privatekey"]],
  ["kubernetes.io/tls", ["tls.crt", "tls.key"]],
]);

function validate(secret: DeepReadonly<Secret>): FieldError[] {
  const data = secret.data ?? {};
  const findings = Object.keys(data).flatMap((key) => named(`data[${key}]`, key, configMapKey(key)));
  const bytes = Object.values(data).reduce((sum, value) => sum + sizeOfBase64(value), 0);
  if (bytes > longestData) findings.push(tooLong("data", longestData));
  return [...findings, ...validateType(secret, data)];
}

function validateType(secret: DeepReadonly<Secret>, data: Readonly<Record<string, string>>): FieldError[] {
  const type = secret.type ?? "";
  if (type === "kubernetes.io/service-account-token") {
    const annotation = "kubernetes.io/service-account.name";
    return getOwn(secret.metadata?.annotations ?? {}, annotation)
      ? []
      : [required(`metadata.annotations[${annotation}]`)];
  }
  if (type === "kubernetes.io/basic-auth") {
    const has = Object.hasOwn(data, "username") || Object.hasOwn(data, "password");
    return has ? [] : [required("data[username]"), required("data[password]")];
  }
  const findings = (neededKeys.get(type) ?? [])
    .filter((key) => (type === "kubernetes.io/ssh-auth" ? !getOwn(data, key) : !Object.hasOwn(data, key)))
    .map((key) => required(`data[${key}]`));
  if (!type.startsWith("kubernetes.io/docker") || findings.length > 0) return findings;
  return (neededKeys.get(type) ?? []).flatMap((key) => jsonObject(`data[${key}]`, getOwn(data, key) ?? ""));
}

function jsonObject(field: string, base64: string): FieldError[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, "base64").toString("utf8"));
    if (isObject(value)) return [];
    return [bad(field, "<secret contents redacted>", "must be a JSON object")];
  } catch (thrown) {
    // The parser's message could quote the secret.
    if (thrown instanceof SyntaxError) return [bad(field, "<secret contents redacted>", "must be valid JSON")];
    throw thrown;
  }
}
