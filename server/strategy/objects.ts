import { deepClone } from "../../api/machinery/clone.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { generateName } from "../../api/machinery/generate-name.ts";
import type { DeepReadonly, Json, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";
import { alreadyExists, ApiError, conflict, notFound, optimisticLock } from "../../api/machinery/status.ts";
import type { WriteContext } from "../../api/resource.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import { MismatchError } from "../../storage/store.ts";
import { admitMutating, admitValidating } from "../admission/chain.ts";
import type { AdmissionChain, AdmissionRequest } from "../admission/plugin.ts";
import type { Kind } from "../encoding/kind.ts";
import { createVersionView } from "../encoding/version-view.ts";
import { storageKey, type Cache } from "../watch-cache/cache.ts";
import type { Record } from "../watch-cache/record.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";
import type { Allocation, Undo } from "./allocation.ts";
import { certificateChecks } from "./certificate-checks.ts";
import { planDeletion, type Deletion } from "./deletion.ts";
import type { Guard } from "./guard.ts";
import type { DeleteOptions } from "./delete-options.ts";
import { ownFields } from "./managed-fields.ts";
import {
  checkPreconditions,
  clearServerMetadata,
  keepServerMetadata,
  prepareForCreate,
  prepareForUpdate,
  validateCreate,
  validateUpdate,
} from "./prepare.ts";
import { translateStoreErrors } from "./store-errors.ts";
import type { WriteRequest } from "./write-request.ts";

/**
 * A patch or an unconditional update is rebuilt from the fresh object this often before it is a conflict. Of those that
 * collide one wins each round, so this many may write one object at the same time.
 */
const maxAttempts = 64;
const generatedNameAttempts = 8;

/** What a write left behind; revision 0 marks a dry run of a creation. */
export interface Written {
  readonly record: Record;
  readonly created: boolean;
}

export interface ObjectsDeps {
  readonly cache: Cache;
  readonly clock: Clock;
  readonly random: Random;
  readonly admission: AdmissionChain;
  /** By storage prefix of the resource. */
  readonly allocations: ReadonlyMap<string, Allocation>;
  /** By storage prefix of the resource. */
  readonly guards: ReadonlyMap<string, Guard>;
}

/**
 * Create, update and delete around the store: the road from admission to the revision (docs/lifecycle.md).
 * Every built-in and custom kind takes it.
 */
export class Objects {
  readonly #deps: ObjectsDeps;

  constructor(deps: ObjectsDeps) {
    this.#deps = deps;
  }

  async find(kind: Kind, namespace: string, name: string): Promise<Record | undefined> {
    const resource = await this.#deps.cache.current(kind);
    return resource.get(storageKey(kind, namespace, name));
  }

  async get(kind: Kind, namespace: string, name: string): Promise<Record> {
    const record = await this.find(kind, namespace, name);
    if (record === undefined) throw notFound(kind.row.groupResource, name);
    return record;
  }

  /** `decoded` is the hub object that the client sent; it is changed. */
  async create(request: WriteRequest, decoded: KubeObject): Promise<Record> {
    const resource = await this.#deps.cache.current(request.kind);
    const prefix = decoded.metadata?.generateName ?? "";
    const isGenerated = request.name === "" && (decoded.metadata?.name ?? "") === "" && prefix !== "";
    for (let attempt = 1; ; attempt += 1) {
      const name = isGenerated
        ? generateName(prefix, (below) => this.#deps.random.integer(below))
        : request.name || (decoded.metadata?.name ?? "");
      try {
        const object = isGenerated ? deepClone(decoded) : decoded;
        return await this.#createNamed({ ...request, name }, resource, object);
      } catch (thrown) {
        if (!(thrown instanceof MismatchError)) throw translateStoreErrors(thrown);
        if (isGenerated && attempt < generatedNameAttempts) continue;
        const taken = alreadyExists(request.kind.row.groupResource, name);
        throw isGenerated ? noFreeName(taken) : taken;
      }
    }
  }

  /** The object in the version that the request works with. */
  async show(
    { kind, version }: Pick<WriteRequest, "kind" | "version">,
    record: Record,
  ): Promise<DeepReadonly<KubeObject>> {
    const view = createVersionView(kind, version);
    await view.prepare([record]);
    return view.object(record);
  }

  /**
   * Read, change, write, and again from the fresh object where another writer was faster. `change` makes a new object
   * from the current one, in the request's working version, each time anew; undefined current asks for one to create.
   */
  async update(
    request: WriteRequest,
    change: (current: DeepReadonly<KubeObject> | undefined) => Promise<KubeObject> | KubeObject,
  ): Promise<Written> {
    const { kind, namespace, name } = request;
    const resource = await this.#deps.cache.current(kind);
    const key = storageKey(kind, namespace, name);
    for (let attempt = 1; ; attempt += 1) {
      const current = resource.get(key);
      if (current === undefined && !mayCreate(request)) throw notFound(kind.row.groupResource, name);
      const old = current && (await this.show(request, current));
      const changed = await change(old);
      // Clients' objects come conformed; the server's own are written with their members in any order.
      const object = request.direct === true ? kind.hub.conform(changed as Json, old).object : changed;
      try {
        if (current !== undefined && old !== undefined)
          return { record: await this.#updateFrom(request, resource, { current, old }, object), created: false };
        refuseStaleUid(kind, name, object);
        return { record: await this.#createNamed(request, resource, object), created: true };
      } catch (thrown) {
        if (!(thrown instanceof MismatchError)) throw translateStoreErrors(thrown);
        if (attempt >= maxAttempts) throw conflict(kind.row.groupResource, name, optimisticLock);
        await this.#deps.cache.fresh();
      }
    }
  }

  /** Deletes, or starts a deletion that has to wait for its grace period or finalizers. */
  async delete(
    request: WriteRequest,
    options: DeleteOptions,
  ): Promise<{ readonly record: Record; readonly gone: boolean }> {
    const { kind, namespace, name } = request;
    const resource = await this.#deps.cache.current(kind);
    const key = storageKey(kind, namespace, name);
    for (let attempt = 1; ; attempt += 1) {
      const current = resource.get(key);
      if (current === undefined) throw notFound(kind.row.groupResource, name);
      if (request.direct !== true) {
        const admission = admissionOf(request, "DELETE", undefined, await this.show(request, current));
        await admitMutating(this.#deps.admission, admission);
        await admitValidating(this.#deps.admission, admission);
      }
      const plan = planDeletion(kind, current.object(), options, this.#deps.clock.now());
      try {
        return await this.#carryOut(plan, request, resource, current);
      } catch (thrown) {
        if (!(thrown instanceof MismatchError)) throw translateStoreErrors(thrown);
        if (attempt >= maxAttempts) throw conflict(kind.row.groupResource, name, optimisticLock);
        await this.#deps.cache.fresh();
      }
    }
  }

  /**
   * For what is created through a parent and is not stored itself: a binding, an eviction. `object` may be changed.
   * `settle` completes and validates it between those who change it and those who judge it.
   */
  async admit(request: WriteRequest, object: KubeObject, settle?: () => Promise<void>): Promise<void> {
    const admission = admissionOf(request, "CREATE", object, undefined);
    await admitMutating(this.#deps.admission, admission);
    await settle?.();
    await admitValidating(this.#deps.admission, admission);
  }

  async #createNamed(request: WriteRequest, resource: ResourceCache, object: KubeObject): Promise<Record> {
    const { kind, dryRun } = request;
    const chain = this.#deps.admission;
    const context = this.#context(request, "create");
    clearServerMetadata((object.metadata ??= {}));
    await ownFields(request, object, undefined, context.now);
    const admission = admissionOf(request, "CREATE", object, undefined);
    await admitMutating(chain, admission);
    await this.#deps.guards.get(kind.row.storagePrefix)?.(request, object, undefined);
    prepareForCreate(request, object, context);
    // A LimitRange that came without a name has got one from its row.
    const name = object.metadata?.name ?? "";
    validateCreate(request, object, context);
    await request.authorizeCreate?.();
    await admitValidating(chain, admission);
    warn(request, object, undefined, context);
    const key = storageKey(kind, request.namespace, name);
    const existing = resource.get(key);
    if (existing !== undefined) throw new MismatchError(key, existing.revision);
    return this.#allocated(request, object, undefined, async () => {
      const value = resource.reader.encode(await stored(request, object));
      if (dryRun) return resource.reader.read(key, 0, value);
      const ttl = kind.row.ttlSeconds;
      const written = await this.#deps.cache.store.put(key, value, {
        expect: "absent",
        ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
      });
      return resource.written(key, written.modRevision, value);
    });
  }

  async #updateFrom(
    request: WriteRequest,
    resource: ResourceCache,
    { current, old }: { readonly current: Record; readonly old: DeepReadonly<KubeObject> },
    object: KubeObject,
  ): Promise<Record> {
    const { kind, dryRun } = request;
    checkPreconditions(kind, (object.metadata ??= {}), old);
    if (request.direct !== true) await this.#settle(request, object, old);
    const record = await this.#allocated(request, object, old, async () => {
      const last = await stored(request, object);
      const value = resource.reader.encode(last);
      // A write that changes nothing moves no revision.
      if (isSame(last, value, current) && !(await this.#isStale(current))) return current;
      if (dryRun) return resource.reader.read(current.key, current.revision, value);
      if (isFinished(kind, object))
        return this.#remove(request, current, resource.reader.read(current.key, current.revision, value));
      const ttl = kind.row.ttlSeconds;
      const written = await this.#deps.cache.store.put(current.key, value, {
        expect: current.revision,
        ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
      });
      return resource.written(current.key, written.modRevision, value);
    });
    // Outside: if this fails, what the write took must stay taken.
    if (!dryRun && !isFinished(kind, object))
      await this.#deps.allocations.get(kind.row.storagePrefix)?.release(old, object);
    return record;
  }

  /** What is stored encrypted, and would be encrypted in another way now, is written again. */
  async #isStale({ key }: Record): Promise<boolean> {
    return (await this.#deps.cache.store.isStale?.(key)) ?? false;
  }

  /** From what a client wants to what an update writes. */
  async #settle(request: WriteRequest, object: KubeObject, old: DeepReadonly<KubeObject>): Promise<void> {
    const chain = this.#deps.admission;
    const context = this.#context(request, "update");
    keepServerMetadata((object.metadata ??= {}), old.metadata ?? {});
    await ownFields(request, object, old, context.now);
    const admission = admissionOf(request, "UPDATE", object, old);
    await admitMutating(chain, admission);
    if (admission.object !== undefined) request.facet?.into(object, admission.object);
    await this.#deps.guards.get(request.kind.row.storagePrefix)?.(request, object, old);
    prepareForUpdate(request, object, old, context);
    validateUpdate(request, object, old, context);
    await admitValidating(chain, request.facet === undefined ? admission : admissionOf(request, "UPDATE", object, old));
    warn(request, object, old, context);
  }

  async #carryOut(
    plan: Deletion,
    request: WriteRequest,
    resource: ResourceCache,
    current: Record,
  ): Promise<{ record: Record; gone: boolean }> {
    switch (plan.does) {
      case "nothing":
        return { record: current, gone: false };
      case "remove":
        return { record: request.dryRun ? current : await this.#remove(request, current, current), gone: true };
      case "mark": {
        const value = resource.reader.encode(plan.object);
        if (request.dryRun) return { record: resource.reader.read(current.key, current.revision, value), gone: false };
        const written = await this.#deps.cache.store.put(current.key, value, { expect: current.revision });
        return { record: resource.written(current.key, written.modRevision, value), gone: false };
      }
    }
  }

  /** `last` is the state that is answered; the stored one is removed. */
  async #remove({ kind, dryRun }: WriteRequest, current: Record, last: Record): Promise<Record> {
    if (dryRun) return last;
    const { revision } = await this.#deps.cache.store.delete(current.key, { expect: current.revision });
    await this.#deps.allocations.get(kind.row.storagePrefix)?.release(current.object(), undefined);
    return last.at(revision);
  }

  async #allocated(
    request: WriteRequest,
    object: KubeObject,
    old: DeepReadonly<KubeObject> | undefined,
    write: () => Promise<Record>,
  ): Promise<Record> {
    const takes = request.subresource === "" && !isFinished(request.kind, object);
    const allocation = takes ? this.#deps.allocations.get(request.kind.row.storagePrefix) : undefined;
    const undo: Undo | undefined = await allocation?.allocate(object, old, request.dryRun);
    try {
      return await write();
    } catch (thrown) {
      await undo?.();
      throw thrown;
    }
  }

  #context({ namespace, user, subresource }: WriteRequest, operation: WriteContext["operation"]): WriteContext {
    const { clock, random } = this.#deps;
    const uuid = (): string => random.uuid();
    return { namespace, user, subresource, operation, now: clock.now(), uuid, certificates: certificateChecks };
  }
}

function mayCreate({ kind, subresource, absent }: WriteRequest): boolean {
  if (subresource !== "" || absent === "refuse") return false;
  return absent === "create" || kind.row.createOnUpdate === true;
}

function admissionOf(
  request: WriteRequest,
  operation: AdmissionRequest["operation"],
  object: KubeObject | undefined,
  old: DeepReadonly<KubeObject> | undefined,
): AdmissionRequest {
  const { facet } = request;
  if (facet === undefined) return { ...request, operation, object, old };
  return { ...request, operation, object: object && facet.of(object), old: old && facet.of(old) };
}

function warn(
  request: WriteRequest,
  object: KubeObject,
  old: DeepReadonly<KubeObject> | undefined,
  context: WriteContext,
): void {
  for (const text of request.kind.row.warn?.(object, old, context) ?? []) request.warn(text);
}

/** In the storage version, which only custom kinds do not have already. */
async function stored({ kind, version }: WriteRequest, object: KubeObject): Promise<KubeObject> {
  if (kind.conversion === undefined || version === kind.hub) return object;
  const [converted] = await kind.conversion.convert([object], kind.hub);
  if (converted === undefined) throw new Error(`${kind.row.plural}: the conversion gave nothing back`);
  return converted;
}

/** Bytes first: they are nearly always enough. Hooks may have put members in another order. */
function isSame(object: KubeObject, value: Buffer, current: Record): boolean {
  if (current.says(value)) return true;
  const { resourceVersion = String(current.revision), managedFields: known } = current.object().metadata ?? {};
  const { managedFields } = object.metadata ?? {};
  // Who wrote last is worth no revision by itself.
  if (!deepEqual(withoutTimes(managedFields), withoutTimes(known))) return false;
  const metadata = { ...object.metadata, resourceVersion, ...(known === undefined ? {} : { managedFields: known }) };
  return deepEqual({ ...object, metadata }, current.object());
}

function withoutTimes(entries: DeepReadonly<ObjectMeta["managedFields"]>): readonly object[] {
  return (entries ?? []).map(({ time: _time, ...entry }) => entry);
}

/** An update of an object that is gone must not make another one in its name. */
function refuseStaleUid({ row }: Kind, name: string, { metadata }: KubeObject): void {
  if (!metadata?.uid) return;
  const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: `;
  throw conflict(row.groupResource, name, why);
}

function noFreeName({ reason, message, details }: ApiError): ApiError {
  return new ApiError(reason, `${message}, the server was not able to generate a unique name for the object`, {
    details: { ...details, retryAfterSeconds: 1 },
  });
}

/** The last finalizer went from an object whose deletion waited for it. */
function isFinished(kind: Kind, object: DeepReadonly<KubeObject>): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata ?? {};
  return (
    deletionTimestamp !== undefined &&
    finalizers.length === 0 &&
    deletionGracePeriodSeconds === 0 &&
    kind.row.isHeld?.(object) !== true
  );
}
