import type { FieldError } from "./machinery/field-error.ts";
import type { DeepReadonly, JsonObject, KubeObject } from "./machinery/object.ts";
import type { GroupResource } from "./machinery/status.ts";
import type { DefinitionName } from "./schema/schema.ts";

export type Scope = "Namespaced" | "Cluster";
export type ResourceVerb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** What hooks of a resource may know besides the object. */
export interface WriteContext {
  readonly namespace: string;
  /** Milliseconds since the epoch, cluster time. */
  readonly now: number;
  readonly uuid: () => string;
  readonly user: {
    readonly name: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** The endpoint written through: "" for the object itself, else "status", "scale", … */
  readonly subresource: string;
  readonly operation: "create" | "update";
  /** Absent where nobody can tell: then the look of them is all that counts. */
  readonly certificates?: CertificateChecks;
}

/** What takes more than pure code to tell. Each says what is wrong with a PEM, if anything. */
export interface CertificateChecks {
  /** It has to be signed by the key that it is about. */
  signingRequestProblem(pem: string): string | undefined;
  certificatesProblem(pem: string): string | undefined;
}

/** One served version of a resource. The hub's own has no conversion. */
export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  readonly definition: DefinitionName;
  /** Tables are the hub's in every version: upstream prints from its internal type. */
  toHub?(object: KubeObject): KubeObject;
  fromHub?(object: DeepReadonly<KubeObject>): KubeObject;
  /** A custom resource's versions have columns of their own. */
  readonly table?: TableDefinition<KubeObject>;
  /** A `Warning` that every answer in this version carries. */
  readonly deprecation?: string;
}

export interface TableColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date" | "number";
  /** "name" for the name column. */
  readonly format?: string;
  /** Above 0: only with `-o wide`. */
  readonly priority?: number;
  readonly description: string;
}

export type Cell = string | number | bigint | boolean | null;

/** `now` in milliseconds, for ages. */
export interface PrintContext {
  readonly now: number;
}

export interface TableDefinition<T extends KubeObject> {
  readonly columns: readonly TableColumn[];
  cells(object: DeepReadonly<T>, context: PrintContext): readonly Cell[];
}

/** JSON paths (`.spec.replicas`) of the scale subresource. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  /** How the selector is given: the path of a label selector object, or of a plain map. */
  readonly selector?: string;
}

export interface Subresource {
  readonly name: string;
  /** The kind that is read and written; it may differ from the parent's. */
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly ("get" | "create" | "update" | "patch" | "delete")[];
  /** Streamed or proxied: answered by a node, a service or a pod. */
  readonly connect?: boolean;
}

/** Where a kind is not named it is the resource's own. */
export type SubresourceDefinition = Pick<Subresource, "name" | "verbs" | "connect"> &
  Partial<Pick<Subresource, "kind" | "group" | "version">>;

/** What one file per resource declares; `defineResource` fills in the rest. */
export interface ResourceDefinition<T extends KubeObject> {
  readonly group: string;
  /** The hub version: hooks, validation, tables and storage see this one. */
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope: Scope;
  readonly definition: DefinitionName;
  /** All eight when absent. */
  readonly verbs?: readonly ResourceVerb[];
  /** Further group-versions that serve the same objects. */
  readonly alsoServedAs?: readonly (ServedVersion & Required<Pick<ServedVersion, "toHub" | "fromHub">>)[];
  readonly subresources?: readonly SubresourceDefinition[];
  readonly scale?: ScalePaths;
  /** Path below /registry when it is not the plural (`minions`, `services/specs`). Absent and `stored: false` for reviews. */
  readonly storagePrefix?: string;
  /** Reviews and bindings are answered, never stored. */
  readonly stored?: boolean;
  /** discovery's storageVersionHash, base64 of 8 bytes. */
  readonly storageVersionHash?: string;
  /** The part whose change moves metadata.generation; absent: the kind has no generation. */
  readonly generation?: (object: DeepReadonly<T>) => readonly unknown[];
  /** Dotted paths that a write through an endpoint may not touch: they keep their old value (create: are dropped). "main" is the object itself. */
  readonly reset?: Readonly<Record<string, readonly string[]>>;
  /** PUT of an absent name creates. */
  readonly createOnUpdate?: boolean;
  /** PUT without a resourceVersion is allowed. */
  readonly unconditionalUpdate?: boolean;
  /** What a delete that names no propagation policy does. Absent: Background. "none": no garbage collection. */
  readonly defaultPropagation?: "Background" | "Orphan" | "none";
  /** Seconds after which an object vanishes (Events). */
  readonly ttlSeconds?: number;
  /** Rule for metadata.name; a DNS subdomain when absent. */
  readonly nameRule?: NameRule;
  /** Registry strategy on POST: runs after defaulting, before validation. May change the object. */
  prepareForCreate?(object: T, context: WriteContext): void;
  /** Runs after `reset` and the generation rule. May change the object, never `old`. */
  prepareForUpdate?(object: T, old: DeepReadonly<T>, context: WriteContext): void;
  /** Findings beyond the schema's; all of them together. */
  validate?(object: DeepReadonly<T>, context: WriteContext): readonly FieldError[];
  validateUpdate?(object: DeepReadonly<T>, old: DeepReadonly<T>, context: WriteContext): readonly FieldError[];
  /** `Warning`s about a valid object that is likely not what its writer wants; `old` is absent on create. */
  warn?(object: DeepReadonly<T>, old: DeepReadonly<T> | undefined, context: WriteContext): readonly string[];
  /** A `Warning` that every answer about the resource carries. */
  readonly deprecation?: string;
  /** Seconds of grace a delete gets; 0 deletes at once. Absent: no graceful deletion. */
  gracePeriod?(object: DeepReadonly<T>, requested: number | undefined): number;
  /** What a deletion that has to wait changes besides metadata (a namespace becomes Terminating). */
  markDeleting?(object: T): void;
  /** Keeps a deleted object although its finalizers are gone (a namespace's spec.finalizers). */
  isHeld?(object: DeepReadonly<T>): boolean;
  /** A delete answers with the object instead of a Status. */
  readonly returnsDeleted?: boolean;
  readonly table?: TableDefinition<T>;
  /** Field selector label → its text ("" when unset), besides metadata.name and metadata.namespace. Per group-version where they differ: key `group/version`. */
  readonly selectableFields?: Readonly<Record<string, (object: DeepReadonly<T>) => string>>;
  readonly selectableFieldsOf?: Readonly<Record<string, Readonly<Record<string, (object: DeepReadonly<T>) => string>>>>;
}

export type NameRule = "dnsSubdomain" | "dnsLabel" | "dns1035Label" | "pathSegment";

/** A resource as the server sees it: every kind alike, a CustomResourceDefinition's too. */
export interface ResourceRow extends Omit<ResourceDefinition<KubeObject>, "alsoServedAs" | "subresources"> {
  readonly groupResource: GroupResource;
  readonly listKind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly ResourceVerb[];
  /** What discovery shows, where that is less: a custom resource on its way out still takes updates. */
  readonly shownVerbs?: readonly ResourceVerb[];
  /** The hub first. */
  readonly served: readonly ServedVersion[];
  readonly subresources: readonly Subresource[];
  readonly storagePrefix: string;
  readonly stored: boolean;
  readonly nameRule: NameRule;
}

const everyVerb: readonly ResourceVerb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

/**
 * The one place where a kind's own type is forgotten: hooks only ever see objects of their row.
 * @example export const leases: ResourceRow = defineResource<Lease>({ group: "coordination.k8s.io", version: "v1", kind: "Lease", … });
 */
export function defineResource<T extends KubeObject>(definition: ResourceDefinition<T>): ResourceRow {
  const { alsoServedAs = [], ...own } = definition as unknown as ResourceDefinition<KubeObject>;
  return {
    ...own,
    groupResource: { group: own.group, resource: own.plural },
    listKind: `${own.kind}List`,
    singular: own.singular ?? own.kind.toLowerCase(),
    shortNames: own.shortNames ?? [],
    categories: own.categories ?? [],
    verbs: own.verbs ?? everyVerb,
    served: [{ group: own.group, version: own.version, definition: own.definition }, ...alsoServedAs],
    subresources: (own.subresources ?? []).map((one) => ({
      kind: own.kind,
      group: own.group,
      version: own.version,
      ...one,
    })),
    storagePrefix: own.storagePrefix ?? own.plural,
    stored: own.stored ?? true,
    nameRule: own.nameRule ?? "dnsSubdomain",
  };
}

/** A part of an object by a dotted path, such as `spec.replicas`; undefined where a parent is absent. */
export function at(object: DeepReadonly<JsonObject>, path: string): unknown {
  let value: unknown = object;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
