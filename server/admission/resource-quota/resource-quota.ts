import { evaluatorOf } from "../../../api/core/quota/evaluators.ts";
import { addTo } from "../../../api/core/quantities.ts";
import type { ResourceQuota } from "../../../api/generated/types/core-v1.ts";
import type { Quantity } from "../../../api/machinery/quantity.ts";
import { conflict, optimisticLock } from "../../../api/machinery/status.ts";
import type { ObjectReader, ObjectWriter } from "../object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { createBatches } from "./batches.ts";
import { type Charge, chargeAll } from "./charge.ts";
import { type Charges, check, type Counted, type Standing } from "./check.ts";
import type { LimitedResource } from "./limited-resources.ts";
import { readStandings } from "./standings.ts";

/** So often the writes of a namespace are checked anew because somebody else has changed its quotas meanwhile. */
const maxAttempts = 4;

export interface ResourceQuotaDeps {
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  readonly clock: { now(): number };
  readonly limited?: readonly LimitedResource[];
}

/**
 * Charges what is created to the quotas of its namespace before it is stored. Deletions are given back by the quota
 * controller, which counts anew. Runs last: nothing refuses a write any more that was charged.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function resourceQuota(deps: ResourceQuotaDeps): AdmissionPlugin {
  const settle = createBatches<Counted>((namespace, writes) => settleAll(namespace, writes, deps));
  return {
    name: "ResourceQuota",
    validate(request) {
      const counted = request.namespace === "" ? undefined : countedWrite(request);
      if (counted === undefined) return undefined;
      return mayBeLimited(counted, deps).then((may) => (may ? settle(request.namespace, counted) : undefined));
    },
  };
}

function countedWrite(request: AdmissionRequest): Counted | undefined {
  const { operation, subresource, object, old, kind } = request;
  if ((operation !== "CREATE" && operation !== "UPDATE") || object === undefined) return undefined;
  const evaluator = evaluatorOf(kind.row.groupResource);
  const write = { operation, subresource, object, old };
  return evaluator?.isCharged(write) === true ? { request, evaluator, write } : undefined;
}

/** Most writes are about nothing that a quota names. */
async function mayBeLimited(
  { request, evaluator }: Counted,
  { reader, limited = [] }: ResourceQuotaDeps,
): Promise<boolean> {
  if (limited.length > 0) return true;
  const quotas = await reader.list<ResourceQuota>("resourcequotas", request.namespace);
  return quotas.some(({ spec, status }) =>
    [spec?.hard, status?.hard].some((hard) => Object.keys(hard ?? {}).some((name) => evaluator.tracks(name))),
  );
}

type Outcome = Error | undefined;

/** All writes of a namespace that have come together: each is checked after those before it, a quota is written once. */
async function settleAll(
  namespace: string,
  writes: readonly Counted[],
  { reader, writer, clock, limited = [] }: ResourceQuotaDeps,
): Promise<readonly Outcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    const now = clock.now();
    const standings = new Map(
      (await readStandings(namespace, { reader, writer, now })).map((standing) => [standing.name, standing]),
    );
    const charges = new Map<string, Charge>();
    const outcomes = writes.map((counted): Outcome | Charges => {
      try {
        const more = check(counted, [...standings.values()], { limited, now });
        return counted.request.dryRun ? undefined : book(more, counted, standings, charges);
      } catch (thrown) {
        if (thrown instanceof Error) return thrown;
        throw thrown;
      }
    });
    if (charges.size === 0 || (await chargeAll(namespace, [...charges.values()], writer)))
      return outcomes.map((outcome) => (outcome instanceof Error ? outcome : undefined));
    if (attempt < maxAttempts) continue;
    const [first = ""] = charges.keys();
    const late = conflict({ group: "", resource: "resourcequotas" }, first, optimisticLock);
    return outcomes.map((outcome) => (outcome instanceof Map ? late : outcome instanceof Error ? outcome : undefined));
  }
}

/** Those that come next see what this one will use. Undefined when it costs nothing. */
function book(
  more: Charges,
  { write }: Counted,
  standings: Map<string, Standing>,
  charges: Map<string, Charge>,
): Charges | undefined {
  for (const [name, amounts] of more) {
    const standing = standings.get(name);
    if (standing === undefined) continue;
    const used = new Map<string, Quantity>(standing.used);
    addTo(used, amounts);
    standings.set(name, { ...standing, used });
    const known = charges.get(name);
    const total = new Map<string, Quantity>(known?.amounts);
    const mustFit = new Map<string, Quantity>(known?.mustFit);
    addTo(total, amounts);
    if (write.subresource !== "status") addTo(mustFit, amounts);
    charges.set(name, { quota: name, amounts: total, mustFit });
  }
  return more.size === 0 ? undefined : more;
}
