import type { ClusterRole, ClusterRoleBinding } from "../../api/generated/types/rbac-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import type { Logger } from "../../base/log.ts";
import { call } from "../../client/call.ts";
import { rbacObjects } from "./rbac.ts";
import { reconciledBinding } from "./reconciled-binding.ts";
import { reconciledRole } from "./reconciled-role.ts";

type Stored = DeepReadonly<KubeObject>;

interface ReconcileOptions {
  readonly transport: Transport;
  /** The collection of an object; undefined when its resource is disabled. */
  readonly pathOf: (object: Stored) => string | undefined;
  readonly log: Logger;
}

/** Others may write the same objects at the same time: servers of the same store, and users. */
const attempts = 5;
const rivals: readonly string[] = ["Conflict", "AlreadyExists", "NotFound"];

/**
 * Makes upstream's roles and bindings grant what they should, at every start: what is missing is added, what was added
 * is kept. Writes only what differs.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation
 */
export async function reconcileRbac(options: ReconcileOptions): Promise<void> {
  const collections = new Map<string, Stored[]>();
  for (const object of rbacObjects()) {
    const path = options.pathOf(object);
    if (path === undefined) continue;
    const known = collections.get(path);
    if (known === undefined) collections.set(path, [object]);
    else known.push(object);
  }
  await Promise.all(Array.from(collections, ([path, expected]) => reconcileCollection(path, expected, options)));
}

/** One list, of those that still have their label: the others are found when they are made again. */
async function reconcileCollection(
  path: string,
  expected: readonly Stored[],
  options: ReconcileOptions,
): Promise<void> {
  const url = `${path}?labelSelector=${encodeURIComponent("kubernetes.io/bootstrapping=rbac-defaults")}`;
  const { items } = (await call(options.transport, { method: "GET", url })) as { readonly items?: readonly Stored[] };
  const existing = new Map((items ?? []).map((item) => [item.metadata?.name ?? "", item]));
  await Promise.all(
    expected.map((object) => reconcile(path, object, existing.get(object.metadata?.name ?? ""), options)),
  );
}

async function reconcile(
  path: string,
  expected: Stored,
  listed: Stored | undefined,
  { transport, log }: ReconcileOptions,
): Promise<void> {
  const url = `${path}/${encodeURIComponent(expected.metadata?.name ?? "")}`;
  let existing = listed;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await settle({ path, url, transport }, expected, existing);
      return;
    } catch (thrown) {
      if (attempt < attempts && thrown instanceof ApiError && rivals.includes(thrown.reason)) {
        existing = await find(transport, url);
        continue;
      }
      // One that an admission webhook keeps as it is does not keep the others from starting.
      log.error("a bootstrap role or binding could not be reconciled", { url, error: thrown });
      return;
    }
  }
}

interface Place {
  readonly path: string;
  readonly url: string;
  readonly transport: Transport;
}

async function settle({ path, url, transport }: Place, expected: Stored, existing: Stored | undefined): Promise<void> {
  const create = (): Promise<unknown> => call(transport, { method: "POST", url: path, body: expected });
  if (existing === undefined) {
    await create();
    return;
  }
  const reconciled = reconciledObject(existing, expected);
  if (reconciled === "make anew") {
    const preconditions = { uid: existing.metadata?.uid };
    await call(transport, { method: "DELETE", url, body: { kind: "DeleteOptions", apiVersion: "v1", preconditions } });
    await create();
  } else if (reconciled !== undefined) await call(transport, { method: "PUT", url, body: reconciled });
}

function reconciledObject(existing: Stored, expected: Stored): KubeObject | "make anew" | undefined {
  // The kind says which type its objects have; those of a list do not tell theirs.
  const { kind, apiVersion } = expected;
  const typed = { ...existing, kind, apiVersion };
  return kind === "Role" || kind === "ClusterRole"
    ? reconciledRole(typed as DeepReadonly<ClusterRole>, expected as DeepReadonly<ClusterRole>)
    : reconciledBinding(typed as DeepReadonly<ClusterRoleBinding>, expected as DeepReadonly<ClusterRoleBinding>);
}

async function find(transport: Transport, url: string): Promise<Stored | undefined> {
  try {
    return (await call(transport, { method: "GET", url })) as Stored;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
    throw thrown;
  }
}
