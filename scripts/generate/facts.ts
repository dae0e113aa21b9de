import { readFileSync } from "node:fs";

/** `[name, number, type, flags, jsonName]`; see api/facts/README for the flags. */
export type MessageRow = readonly [name: string, number: number, type: string, flags?: string, jsonName?: string];

export interface ProtobufFacts {
  readonly aliases: Readonly<Record<string, string>>;
  readonly groupVersions: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, Readonly<Record<string, readonly MessageRow[]>>>>;
}

/** Patch strategy, patch merge key, list type, list map keys, map type. */
export interface MergeFact {
  readonly ps?: string;
  readonly pk?: string;
  readonly lt?: "atomic" | "set" | "map";
  readonly lk?: readonly string[];
  readonly mt?: "atomic" | "granular";
}

export interface MergeFacts {
  readonly fields: Readonly<Record<string, Readonly<Record<string, MergeFact>>>>;
  readonly atomicStructs: readonly string[];
  readonly unions: Readonly<Record<string, unknown>>;
  readonly listKeyDefaults: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface OpenApiFacts {
  readonly definitions: Readonly<Record<string, readonly string[]>>;
  readonly clientNodeModel: {
    readonly exceptions: Readonly<Record<string, string>>;
    readonly noModel: readonly string[];
  };
  readonly scalars: Readonly<Record<string, { readonly v2: object; readonly v3: object }>>;
  readonly v3Defaults: { readonly explicit: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  /** A field's name, with `[]` behind it where the items of a list are meant. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly gvk: {
    readonly "DeleteOptions,WatchEvent": readonly string[];
    readonly others: Readonly<Record<string, readonly (readonly [string, string, string])[]>>;
  };
}

export interface SubresourceFact {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
  readonly connect?: boolean;
  readonly methods?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly pathTail?: boolean;
}

export interface ResourceFact {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind?: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly definition?: string;
  readonly subresources?: readonly SubresourceFact[];
  readonly enabledByDefault: boolean;
  readonly aggregated?: boolean;
}

export interface ResourceFacts {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly string[];
    readonly enabledByDefault?: readonly string[];
  }[];
  readonly nonResourcePaths: readonly string[];
  readonly resources: readonly ResourceFact[];
}

export interface Facts {
  readonly protobuf: ProtobufFacts;
  readonly merge: MergeFacts;
  readonly openApi: OpenApiFacts;
  readonly resources: ResourceFacts;
}

/** The committed facts are trusted input: their shape is stated here, and the reference test would show a mistake. */
export function readFacts(folder: URL): Facts {
  const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;
  return {
    protobuf: read("protobuf.json"),
    merge: read("merge-keys.json"),
    openApi: read("openapi-extras.json"),
    resources: read("resources.json"),
  };
}

/** `apps/v1`, and `v1` for the core group. */
export function groupVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Group-versions that a server with default settings serves. */
export function enabledGroupVersions(facts: Facts): readonly string[] {
  return facts.resources.groups.flatMap((group) =>
    (group.enabledByDefault ?? group.versions).map((version) => groupVersion(group.name, version)),
  );
}

/** Protobuf's package names are OpenAPI's with the first two labels swapped and `_` for `-`. */
export function openApiPackage(protobufPackage: string): string {
  return protobufPackage.replace(/^k8s\.io\./, "io.k8s.").replaceAll("_", "-");
}
