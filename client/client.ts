import { setMaxListeners } from "node:events";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import type { Status } from "../api/machinery/status.ts";
import type { Transport } from "../api/wire.ts";
import { call, type Call } from "./call.ts";
import type { ResourceType } from "./resource-types.ts";

/** Which object: the namespace is absent where the resource has none. */
export interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface DeleteOptions {
  /** The deletion is refused (409) if the object is not this one, or not this revision of it. */
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly gracePeriodSeconds?: number;
}

const patchTypes = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

export interface PatchOptions {
  /** A merge patch when absent. */
  readonly type?: keyof typeof patchTypes;
  readonly subresource?: string;
  /** For `apply`: who owns the fields, and whether it takes them from others. */
  readonly fieldManager?: string;
  readonly force?: boolean;
}

/** Objects of the API, by type. Everything throws the ApiError that the server answered with. */
export interface Client {
  get<T extends KubeObject>(type: ResourceType<T>, name: ObjectName, subresource?: string): Promise<DeepReadonly<T>>;
  /** All of them, page by page. */
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<DeepReadonly<T>[]>;
  /** With a subresource, the object is posted to the one of its name: a binding, an eviction, a token request. */
  create<T extends KubeObject>(
    type: ResourceType<T>,
    object: DeepReadonly<T>,
    subresource?: string,
  ): Promise<DeepReadonly<T>>;
  /** Refused (409) where the object has a resourceVersion that is no longer the newest. */
  update<T extends KubeObject>(
    type: ResourceType<T>,
    object: DeepReadonly<T>,
    subresource?: string,
  ): Promise<DeepReadonly<T>>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    name: ObjectName,
    patch: object,
    options?: PatchOptions,
  ): Promise<DeepReadonly<T>>;
  delete(type: ResourceType, name: ObjectName, options?: DeleteOptions): Promise<void>;
}

export interface ClientDeps {
  /** As the user who acts. */
  readonly transport: Transport;
  /** Before the first slash it is the manager of the fields that are written. */
  readonly userAgent: string;
  /** Resolves when those who read through caches have seen the write, so that nobody decides by what was before it. */
  readonly seen?: Seen;
  readonly signal?: AbortSignal;
}

export interface Seen {
  /** `object` as the server answered. */
  written(type: ResourceType, object: DeepReadonly<KubeObject>): Promise<void> | undefined;
  /** The deletion of an object was accepted. */
  deleted(type: ResourceType, name: ObjectName, uid: string | undefined): Promise<void> | undefined;
}

interface List<T> {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly T[];
}

const pageSize = "500";
/** Of a list that never ends. */
const maxPages = 10_000;

export function createClient(deps: ClientDeps): Client {
  const { transport, userAgent, seen, signal = new AbortController().signal } = deps;
  // Each request listens to it.
  setMaxListeners(0, signal);
  const ask = <T extends object>(what: Call): Promise<T> => call<T>(transport, { userAgent, signal, ...what });
  const write = async <T extends KubeObject>(type: ResourceType<T>, what: Call): Promise<DeepReadonly<T>> => {
    const written = await ask<DeepReadonly<T>>(what);
    // What a subresource answers may be of another kind.
    if (written.kind === type.kind) await seen?.written(type, written);
    return written;
  };
  return {
    get: (type, name, subresource) => ask({ method: "GET", url: pathOf(type, name, subresource) }),
    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}) {
      const { namespace, labelSelector, fieldSelector } = options;
      const items: DeepReadonly<T>[] = [];
      let token = "";
      for (let page = 0; page < maxPages; page += 1) {
        const query = new URLSearchParams({
          limit: pageSize,
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(fieldSelector === undefined ? {} : { fieldSelector }),
          ...(token === "" ? {} : { continue: token }),
        });
        const found = await ask<List<DeepReadonly<T>>>({
          method: "GET",
          url: `${collectionOf(type, namespace)}?${query.toString()}`,
        });
        for (const item of found.items) items.push(item);
        token = found.metadata?.continue ?? "";
        if (token === "") return items;
      }
      throw new Error(`the list of ${type.plural} does not end`);
    },
    create(type, object, subresource) {
      const { namespace, name = "" } = object.metadata ?? {};
      const url =
        subresource === undefined ? collectionOf(type, namespace) : pathOf(type, { namespace, name }, subresource);
      const body = subresource === undefined ? typed(type, object) : object;
      return write(type, { method: "POST", url, body });
    },
    update(type, object, subresource) {
      const { namespace, name = "" } = object.metadata ?? {};
      const url = pathOf(type, { namespace, name }, subresource);
      return write(type, { method: "PUT", url, body: typed(type, object) });
    },
    patch(type, name, patch, options = {}) {
      const { fieldManager, force, subresource } = options;
      const query = new URLSearchParams({
        ...(fieldManager === undefined ? {} : { fieldManager }),
        ...(force === undefined ? {} : { force: String(force) }),
      }).toString();
      const url = `${pathOf(type, name, subresource)}${query === "" ? "" : `?${query}`}`;
      return write(type, { method: "PATCH", url, body: patch, contentType: patchTypes[options.type ?? "merge"] });
    },
    async delete(type, name, options = {}) {
      const body = { apiVersion: "v1", kind: "DeleteOptions", ...options };
      const answer = await ask<KubeObject>({ method: "DELETE", url: pathOf(type, name), body });
      if (answer.kind === type.kind && isWaiting(answer)) await seen?.written(type, answer);
      else await seen?.deleted(type, name, answer.metadata?.uid ?? (answer as Partial<Status>).details?.uid);
    },
  };
}

/** Whether a deletion was only asked for: of grace or finalizers something is left. */
function isWaiting({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = metadata ?? {};
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds > 0 || finalizers.length > 0);
}

/** Where a resource's objects are, in one namespace or in all. */
export function collectionOf({ apiVersion, plural }: ResourceType, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const inside = namespace === undefined || namespace === "" ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${inside}/${plural}`;
}

function pathOf(type: ResourceType, { namespace, name }: ObjectName, subresource?: string): string {
  const path = `${collectionOf(type, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

function typed<T extends KubeObject>({ apiVersion, kind }: ResourceType<T>, object: DeepReadonly<T>): object {
  return { ...object, apiVersion, kind };
}
