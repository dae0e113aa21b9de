import { invalid } from "../../api/machinery/field-error.ts";
import { bad } from "../../api/machinery/findings.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";
import { ApiError, conflict, optimisticLock } from "../../api/machinery/status.ts";
import { validateObjectMeta, validateObjectMetaUpdate, type MetaRules } from "../../api/machinery/meta-validation.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { joinFindings } from "../../api/schema/validate.ts";
import type { WriteContext } from "../../api/resource.ts";
import type { Kind } from "../encoding/kind.ts";
import { resetPaths } from "./reset.ts";
import type { WriteRequest } from "./write-request.ts";

/** Everything between admission and validation of a new object; the request's name is settled already. */
export function prepareForCreate(
  { kind, version, name }: WriteRequest,
  object: KubeObject,
  context: WriteContext,
): void {
  const sent = object.metadata ?? {};
  const metadata: ObjectMeta = { ...sent, name, uid: context.uuid(), creationTimestamp: formatTime(context.now) };
  clearServerMetadata(metadata);
  if (context.namespace !== "") metadata.namespace = context.namespace;
  if (kind.row.generation !== undefined) metadata.generation = 1;
  object.metadata = metadata;
  // On create only the status is the server's: a CertificateSigningRequest's spec is the client's once. It starts as Go's zero value.
  const reset = kind.row.reset?.["main"] ?? [];
  resetPaths(
    object,
    deepClone<KubeObject>(kind.blank),
    reset.filter((path) => path === "status" || path.startsWith("status.")),
  );
  kind.row.prepareForCreate?.(object, context);
  version.default(object);
}

/** A new object takes nothing of this from its maker. */
export function clearServerMetadata(metadata: ObjectMeta): void {
  for (const cleared of [
    "selfLink",
    "resourceVersion",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
  ] as const)
    delete metadata[cleared];
}

export function validateCreate({ kind, version }: WriteRequest, object: KubeObject, context: WriteContext): void {
  const { row } = kind;
  const errors = [
    ...validateObjectMeta(object.metadata ?? {}, metaRules(kind)),
    ...joinFindings(version.validate(object), row.validate?.(object, context) ?? []),
  ];
  if (errors.length > 0) throw invalid({ group: row.group, kind: row.kind }, object.metadata?.name ?? "", errors);
}

/**
 * The server's part of metadata comes from the old object; what the endpoint may not write is put back.
 */
export function prepareForUpdate(
  { kind, version }: WriteRequest,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
  context: WriteContext,
): void {
  const { row } = kind;
  const sent = (object.metadata ??= {});
  const kept = old.metadata ?? {};
  const { managedFields } = sent;
  keepServerMetadata(sent, kept);
  delete sent.resourceVersion;
  resetPaths(object, old, row.reset?.[context.subresource === "" ? "main" : context.subresource] ?? []);
  delete object.metadata?.resourceVersion;
  // Who owns what is settled, whatever of metadata the endpoint may write.
  if (managedFields === undefined) delete object.metadata?.managedFields;
  else object.metadata = { ...object.metadata, managedFields };
  row.prepareForUpdate?.(object, old, context);
  // What hooks leave has defaults of its own, which every later reader would fill in.
  version.default(object);
  // A status is what was observed, and no new wish, whatever of the metadata comes with it.
  if (
    row.generation !== undefined &&
    context.subresource !== "status" &&
    !deepEqual(row.generation(object), row.generation(old))
  )
    object.metadata!.generation = (kept.generation ?? 0) + 1;
}

function metaRules({ row, conversion }: Kind): MetaRules {
  return { scope: row.scope, nameRule: row.nameRule, isCustom: conversion !== undefined };
}

/** What only the server sets stays as it is; unset means unchanged (upstream: rest.BeforeUpdate). */
export function keepServerMetadata(sent: ObjectMeta, kept: DeepReadonly<ObjectMeta>): void {
  for (const key of ["uid", "creationTimestamp", "name", "namespace"] as const) if (!sent[key]) keep(sent, kept, key);
  for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds", "generation"] as const) keep(sent, kept, key);
  delete sent.selfLink;
}

export function validateUpdate(
  { kind, version }: WriteRequest,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
  context: WriteContext,
): void {
  const { row } = kind;
  const errors = [
    ...validateObjectMeta(object.metadata ?? {}, metaRules(kind)),
    ...validateObjectMetaUpdate(object.metadata ?? {}, old.metadata ?? {}),
    ...joinFindings(version.validateUpdate?.(object, old) ?? version.validate(object), [
      ...(row.validate?.(object, context) ?? []),
      ...(row.validateUpdate?.(object, old, context) ?? []),
    ]),
  ];
  if (errors.length > 0) throw invalid({ group: row.group, kind: row.kind }, object.metadata?.name ?? "", errors);
}

/** Throws 409 when the caller's resourceVersion or uid is not the stored one. */
export function checkPreconditions(kind: Kind, sent: ObjectMeta, old: DeepReadonly<KubeObject>): void {
  const { groupResource, unconditionalUpdate, group, kind: kindName } = kind.row;
  const name = old.metadata?.name ?? "";
  if (sent.uid !== undefined && sent.uid !== "" && sent.uid !== old.metadata?.uid)
    throw conflict(
      groupResource,
      name,
      `Precondition failed: UID in precondition: ${sent.uid}, UID in object meta: ${old.metadata?.uid ?? ""}`,
    );
  const version = sent.resourceVersion ?? "";
  if (version === "" || version === "0") {
    if (unconditionalUpdate === true) return;
    throw invalid({ group, kind: kindName }, name, [
      bad("metadata.resourceVersion", version === "" ? 0 : version, "must be specified for an update"),
    ]);
  }
  if (!/^\d{1,19}$/.test(version))
    throw new ApiError("BadRequest", `invalid resource version ${JSON.stringify(version)}: it must be a whole number`);
  if (version !== old.metadata?.resourceVersion) throw conflict(groupResource, name, optimisticLock);
}

function keep(to: ObjectMeta, from: DeepReadonly<ObjectMeta>, key: keyof ObjectMeta): void {
  if (from[key] === undefined) delete to[key];
  else Object.assign(to, { [key]: deepClone(from[key]) });
}
