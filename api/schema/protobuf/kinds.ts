import table from "../../facts/protobuf.json" with { type: "json" };
import { readEnvelope } from "./envelope.ts";
import type { Message } from "./message.ts";
import { createMessages, type Messages, type ProtobufTable } from "./messages.ts";
import { rawExtension } from "./raw.ts";

const metaPackage = "k8s.io.apimachinery.pkg.apis.meta.v1";
/** These have one form, whichever group-version a client sends them under. */
const optionKinds: ReadonlySet<string> = new Set([
  "ListOptions",
  "GetOptions",
  "DeleteOptions",
  "CreateOptions",
  "UpdateOptions",
  "PatchOptions",
  "WatchEvent",
]);
/** In the core group only. */
const coreMetaKinds: ReadonlySet<string> = new Set([
  "Status",
  "APIVersions",
  "APIGroup",
  "APIGroupList",
  "APIResourceList",
]);

// The JSON module's inferred type knows nothing of the tuples that its legend describes.
const facts = table as unknown as ProtobufTable;
const messages: Messages = createMessages(
  facts,
  rawExtension((reader) => readEnvelope(reader, undefined, findMessage)),
);

/** Undefined for custom kinds, and for the few that have no protobuf form (Table). */
export function findMessage(apiVersion: string, kind: string): Message | undefined {
  const name = `${packageOf(apiVersion, kind)}.${kind}`;
  return messages.has(name) ? messages.get(name) : undefined;
}

/** True for built-in kinds, their lists, options and Status. Custom resources have no protobuf form. */
export function hasProtobuf(group: string, version: string, kind: string): boolean {
  return findMessage(group === "" ? version : `${group}/${version}`, kind) !== undefined;
}

function packageOf(apiVersion: string, kind: string): string | undefined {
  if (optionKinds.has(kind) || (apiVersion === "v1" && coreMetaKinds.has(kind))) return metaPackage;
  if (kind === "PartialObjectMetadata" && apiVersion.startsWith("meta.k8s.io/")) return metaPackage;
  if (kind === "PartialObjectMetadataList" && apiVersion === "meta.k8s.io/v1") return metaPackage;
  if (kind === "PartialObjectMetadataList" && apiVersion === "meta.k8s.io/v1beta1") return `${metaPackage}beta1`;
  return Object.hasOwn(facts.groupVersions, apiVersion) ? facts.groupVersions[apiVersion] : undefined;
}
