import type { ResourceRow } from "../api/resource.ts";
import { readAssignments, readBoolean } from "./assignments.ts";
import { OptionError } from "./option-error.ts";

const flag = "--runtime-config";

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

type Stage = "alpha" | "beta" | "ga";
const stageKeys: ReadonlyMap<string, Stage | "all"> = new Map([
  ["api/all", "all"],
  ["api/ga", "ga"],
  ["api/beta", "beta"],
  ["api/alpha", "alpha"],
]);

/**
 * Which resources are served, by upstream's keys: `api/all`, `api/ga`, `api/beta`, `api/alpha`, `<group>/<version>` and
 * `<group>/<version>/<resource>` (`v1` and `v1/<resource>` for the core group). The more specific key wins, whatever
 * the order. What we do not have cannot be switched on, and says so.
 */
export function applyRuntimeConfig(rows: readonly ResourceRow[], text: string): readonly ResourceRow[] {
  const wishes = readWishes(text);
  if (wishes.size === 0) return rows;
  if (wishes.size === 1 && wishes.get("api/all") === false) {
    throw new OptionError(`${flag}: api/all=false alone would serve nothing; name what is wanted, such as v1=true`);
  }
  refuseWhatWeLack(rows, wishes);
  const namespaces = rows.find(({ group, plural }) => group === "" && plural === "namespaces");
  if (namespaces !== undefined && !isWanted(namespaces, namespaces, wishes)) {
    throw new OptionError(`${flag}: a server without namespaces cannot run; leave v1 and v1/namespaces on`);
  }
  return rows.flatMap((row) => servedPart(row, wishes));
}

function readWishes(text: string): ReadonlyMap<string, boolean> {
  const wishes = new Map<string, boolean>();
  for (const [key, value] of readAssignments(flag, text)) {
    // Upstream reads a key without a value as true.
    const wanted = value === "" ? true : readBoolean(value);
    if (wanted === undefined) throw new OptionError(`${flag}: ${key}=${value} is not true or false`);
    // The core group's older spelling.
    wishes.set(key.startsWith("api/v") ? key.slice("api/".length) : key, wanted);
  }
  return wishes;
}

function refuseWhatWeLack(rows: readonly ResourceRow[], wishes: ReadonlyMap<string, boolean>): void {
  const known = new Set<string>(stageKeys.keys());
  const stages = new Set<Stage>();
  for (const row of rows) {
    for (const served of row.served) {
      known.add(keyOf(served)).add(`${keyOf(served)}/${row.plural}`);
      stages.add(stageOf(served.version));
    }
  }
  for (const [key, wanted] of wishes) {
    const stage = stageKeys.get(key);
    const lacking = stage === "all" ? stages.size < 3 : stage !== undefined && !stages.has(stage);
    if (wanted && lacking)
      throw new OptionError(`${flag}: ${key}=true cannot be honoured; only stable APIs are served`);
    if (known.has(key)) continue;
    if (!/^[a-z0-9.-]+(?:\/[a-z0-9.-]+){0,2}$/.test(key))
      throw new OptionError(`${flag}: "${key}" is not group/version`);
    // Off it is already.
    if (wanted) throw new OptionError(`${flag}: ${key} is not an API that this server has; leave out ${key}=true`);
  }
}

/** The row without the versions that are switched off; nothing when none is left. */
function servedPart(row: ResourceRow, wishes: ReadonlyMap<string, boolean>): readonly ResourceRow[] {
  const served = row.served.filter((version) => isWanted(row, version, wishes));
  if (served.length === row.served.length) return [row];
  if (served.length === 0) return [];
  if (!served.some(({ group, version }) => group === row.group && version === row.version)) {
    const [kept, hub] = [served[0] ?? row, row].map((version) => `${keyOf(version)}/${row.plural}`);
    throw new OptionError(`${flag}: ${kept} cannot be served without ${hub}; switch both off, or none`);
  }
  return [{ ...row, served }];
}

function isWanted(row: ResourceRow, version: GroupVersion, wishes: ReadonlyMap<string, boolean>): boolean {
  const key = keyOf(version);
  const keys = [`${key}/${row.plural}`, key, `api/${stageOf(version.version)}`, "api/all"];
  return keys.map((name) => wishes.get(name)).find((wish) => wish !== undefined) ?? true;
}

function keyOf({ group, version }: GroupVersion): string {
  return group === "" ? version : `${group}/${version}`;
}

/** https://kubernetes.io/docs/reference/using-api/#api-versioning */
function stageOf(version: string): Stage {
  if (version.includes("alpha")) return "alpha";
  return version.includes("beta") ? "beta" : "ga";
}
