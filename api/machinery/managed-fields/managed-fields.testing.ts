/** Objects, types and requests for the tests of ownership. */
import type { MergeType } from "../../schema/merge-type.ts";
import { createMergeTypes } from "../../schema/struct-merge-type.ts";
import { builtinSchemas } from "../../schema/tables.ts";
import { deepClone, deepFreeze } from "../clone.ts";
import type { JsonObject, KubeObject } from "../object.ts";
import { ApiError } from "../status.ts";
import { parseYaml } from "../yaml.ts";
import { manageApply, type ApplyRequest } from "./manage-apply.ts";
import { manageUpdate, type UpdateRequest } from "./manage-update.ts";
import type { Entries } from "./managers.ts";

const schemas = builtinSchemas();
const types = createMergeTypes();

const definitions: Readonly<Record<string, string>> = {
  "apps/v1 Deployment": "io.k8s.api.apps.v1.Deployment",
  "v1 Service": "io.k8s.api.core.v1.Service",
  "v1 Pod": "io.k8s.api.core.v1.Pod",
  "v1 ConfigMap": "io.k8s.api.core.v1.ConfigMap",
};

export function builtinType(apiVersion: string, kind: string): MergeType {
  return types(schemas.get(definitions[`${apiVersion} ${kind}`] ?? ""));
}

export function yaml(source: string): JsonObject {
  return parseYaml(new TextEncoder().encode(source)).value as JsonObject;
}

/** Whoever changes what they were given is found out. */
function frozen<T>(request: T): T {
  deepFreeze<unknown>(request);
  return request;
}

/** One object and what happens to it, as a server would do it; nothing that it hands out may be changed. */
export class Story {
  live: KubeObject;
  /** Seconds of the day. */
  now = 0;
  readonly #blank: KubeObject;
  readonly #typeOf: (apiVersion: string) => MergeType | undefined;
  readonly #convert: UpdateRequest["convert"];

  constructor(
    blank: string,
    more: { typeOf?: (apiVersion: string) => MergeType | undefined; convert?: UpdateRequest["convert"] } = {},
  ) {
    this.#blank = yaml(blank);
    this.live = this.#blank;
    this.#typeOf = more.typeOf ?? ((apiVersion) => builtinType(apiVersion, this.#blank.kind ?? ""));
    this.#convert = more.convert ?? (() => Promise.reject(new Error("nothing is to be converted")));
  }

  async update(manager: string, source: string, more: Partial<UpdateRequest> = {}): Promise<Entries> {
    const object = yaml(source) as KubeObject;
    const request = { ...this.#request(manager, object), old: this.live, object, ...more };
    return this.#keep(object, await manageUpdate(frozen(request)));
  }

  async apply(manager: string, source: string, more: Partial<ApplyRequest> = {}): Promise<Entries> {
    const applied = yaml(source);
    const request = {
      ...this.#request(manager, applied as KubeObject),
      kind: this.#blank.kind ?? "",
      live: { ...this.live, apiVersion: (applied as KubeObject).apiVersion ?? "" },
      blank: this.#blank,
      applied,
      force: false,
      ...more,
    };
    const done = await manageApply(frozen(request));
    return this.#keep(done.object ?? this.live, done.managedFields);
  }

  /** The refusal of an apply: its code and message. */
  async refusal(manager: string, source: string): Promise<string> {
    return this.apply(manager, source).then(
      () => "",
      (thrown: unknown) => {
        if (thrown instanceof ApiError) return `${thrown.code} ${thrown.message}`;
        throw thrown;
      },
    );
  }

  /** The object without what is nobody's business here. */
  get object(): JsonObject {
    const { metadata: { managedFields: _, uid: __, ...metadata } = {}, ...rest } = this.live;
    return JSON.parse(JSON.stringify({ ...rest, metadata })) as JsonObject;
  }

  /** By `manager operation`, with the subresource where there is one. */
  get owners(): Record<string, unknown> {
    return Object.fromEntries(
      (this.live.metadata?.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
        [manager, operation, ...(subresource === undefined ? [] : [subresource])].join(" "),
        fieldsV1,
      ]),
    );
  }

  #request(manager: string, { apiVersion = "" }: KubeObject): Omit<UpdateRequest, "old" | "object"> {
    this.now++;
    const time = `2026-01-01T00:00:${String(this.now).padStart(2, "0")}Z`;
    const convert = this.#convert;
    return { manager, apiVersion, subresource: "", time, typeOf: this.#typeOf, filter: undefined, convert };
  }

  #keep(object: object, managedFields: Entries | undefined): Entries {
    const kept = deepClone<KubeObject>(object as KubeObject);
    const { managedFields: _, ...metadata } = kept.metadata ?? {};
    kept.metadata = { ...metadata, uid: "u" };
    // The array itself: whether it is the same one is what some tests ask.
    if (managedFields !== undefined) Object.assign(kept.metadata, { managedFields });
    this.live = kept;
    return managedFields ?? [];
  }
}
