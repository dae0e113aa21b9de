import { deepClone, deepFreeze } from "../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { notFound, qualified } from "../../api/machinery/status.ts";
import { registry } from "../../api/registry.ts";
import type { ResourceRow } from "../../api/resource.ts";
import { builtinSchemas } from "../../api/schema/tables.ts";
import { realClock } from "../../base/clock.ts";
import { createCodecs } from "../codecs.ts";
import { createKind, type Kind } from "../encoding/kind.ts";
import type { ObjectReader, ObjectWriter } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";

/** What tests of plugins share: a cluster of objects in memory, and requests. */
export interface HeldObjects extends ObjectReader, ObjectWriter {
  /** Adds the object, or replaces the one of its name. `resource` is `pods` or `deployments.apps`. */
  put(resource: string, object: KubeObject): void;
  remove(resource: string, namespace: string, name: string): void;
}

export function holding(objects: Readonly<Record<string, readonly KubeObject[]>> = {}): HeldObjects {
  const held = new Map<string, Map<string, DeepReadonly<KubeObject>>>();
  let changes = 0;
  const shelf = (resource: string): Map<string, DeepReadonly<KubeObject>> => {
    const known = held.get(resource) ?? new Map<string, DeepReadonly<KubeObject>>();
    held.set(resource, known);
    return known;
  };
  const put = (resource: string, object: KubeObject): void => {
    const { namespace = "", name = "" } = object.metadata ?? {};
    changes += 1;
    shelf(resource).set(`${namespace}/${name}`, deepFreeze(deepClone(object)));
  };
  for (const [resource, list] of Object.entries(objects)) for (const object of list) put(resource, object);
  return {
    put,
    remove: (resource, namespace, name) => {
      changes += 1;
      shelf(resource).delete(`${namespace}/${name}`);
    },
    find: async <T extends KubeObject>(resource: string, namespace: string, name: string) =>
      shelf(resource).get(`${namespace}/${name}`) as DeepReadonly<T> | undefined,
    list: async <T extends KubeObject>(resource: string, namespace = "") =>
      [...shelf(resource).values()].filter(
        ({ metadata }) => namespace === "" || metadata?.namespace === namespace,
      ) as unknown as readonly DeepReadonly<T>[],
    generation: async () => changes,
    updateStatus: async <T extends KubeObject>(
      resource: string,
      namespace: string,
      name: string,
      change: (current: DeepReadonly<T>) => T | undefined,
    ) => {
      const current = shelf(resource).get(`${namespace}/${name}`);
      if (current === undefined) throw notFound({ group: "", resource }, name);
      const changed = change(current as DeepReadonly<T>);
      if (changed !== undefined) put(resource, changed);
    },
  };
}

const codecOf = createCodecs(builtinSchemas(), realClock);

/** A built-in kind by the name of its resource: `pods`, `deployments.apps`. */
export function kindOf(resource: string): Kind {
  const row = registry.find(({ groupResource }) => qualified(groupResource) === resource);
  if (row === undefined) throw new Error(`${resource} is not built in`);
  return createKind(row, ({ definition, version }, { kind }) => codecOf(definition, { kind, version }));
}

/** A kind that a CustomResourceDefinition would make, with a config map's schema. */
export function customKind(group: string, plural: string): Kind {
  const { hub } = kindOf("configmaps");
  const row: ResourceRow = { ...kindOf("configmaps").row, group, plural, groupResource: { group, resource: plural } };
  return { row, hub, versions: new Map(), blank: {} };
}

export interface TrialRequest extends AdmissionRequest {
  /** What `warn` was told. */
  readonly warnings: readonly string[];
  /** What `annotate` was told. */
  readonly annotations: ReadonlyMap<string, string>;
}

type Given = Partial<Omit<AdmissionRequest, "kind">> & { readonly kind?: Kind };

/**
 * A write by an ordinary user in the namespace `ns`; the operation follows from the objects that are given, the name
 * from their metadata. The object is a copy that plugins may change.
 */
export function admissionRequest(resource: string, given: Given): TrialRequest {
  const { object, old } = given;
  const kind = given.kind ?? kindOf(resource);
  const warnings: string[] = [];
  const annotations = new Map<string, string>();
  return {
    operation: object === undefined ? "DELETE" : old === undefined ? "CREATE" : "UPDATE",
    version: kind.hub,
    requested: kind.hub,
    namespace: kind.row.scope === "Cluster" ? "" : "ns",
    name: (object ?? old)?.metadata?.name ?? "",
    subresource: "",
    user: { name: "ann", groups: ["system:authenticated"] },
    dryRun: false,
    options: {},
    ...given,
    kind,
    object: object === undefined ? undefined : deepClone<KubeObject>(object),
    old: old === undefined ? undefined : deepFreeze(deepClone<KubeObject>(old)),
    warn: (text) => void warnings.push(text),
    annotate: (key, value) => void annotations.set(key, value),
    warnings,
    annotations,
  };
}

/** The first walk of the plugin over the request; the request's object is changed in place. */
export async function mutate(plugin: AdmissionPlugin, request: AdmissionRequest): Promise<Mutation> {
  const round = { again: false, repeat: () => undefined, memory: new Map<object, unknown>() };
  return (await plugin.mutate?.(request, round)) ?? "unchanged";
}

/** The message with which the plugin refuses to mutate, or else to validate; undefined when it admits. */
export async function refusal(plugin: AdmissionPlugin, request: AdmissionRequest): Promise<string | undefined> {
  try {
    await mutate(plugin, request);
    await plugin.validate?.(request);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Error) return thrown.message;
    throw thrown;
  }
}
