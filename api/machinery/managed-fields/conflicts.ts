import { ApiError, type StatusCause } from "../status.ts";
import { hasPath, pathsOf, type FieldSet } from "./field-set.ts";
import type { Manager, ManagerId, Managers } from "./managers.ts";
import { describePath, type Path } from "./path-element.ts";

/** A field that an apply would change, and somebody else who owns it. */
export interface Conflict {
  readonly manager: Manager;
  readonly path: Path;
}

/** By manager, in the order of upstream's identities. */
export function conflictsOf(contested: ReadonlyMap<ManagerId, FieldSet>, managers: Managers): Conflict[] {
  return [...contested.keys()].sort().flatMap((id) => {
    const manager = managers.get(id);
    const fields = contested.get(id);
    if (manager === undefined || fields === undefined) return [];
    return pathsOf(fields).map((path) => ({ manager, path }));
  });
}

export function conflictsOutside(conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] {
  return conflicts.filter(({ path }) => !hasPath(allowed, path));
}

/** 409, with one cause a conflict: who applies may force it. */
export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }): StatusCause => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${describeManager(manager)}`,
    field: describePath(path),
  }));
  return new ApiError("Conflict", describeConflicts(conflicts), { details: { causes } });
}

function describeConflicts(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (only !== undefined && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${describeManager(only.manager)}: ${describePath(only.path)}`;
  const lines: string[] = [];
  let last: Manager | undefined;
  for (const { manager, path } of conflicts) {
    if (manager !== last) lines.push(`conflicts with ${describeManager(manager)}:`);
    last = manager;
    lines.push(`- ${describePath(path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const named =
    subresource === ""
      ? JSON.stringify(name)
      : `${JSON.stringify(name)} with subresource ${JSON.stringify(subresource)}`;
  return operation === "Update" ? `${named} using ${apiVersion}` : named;
}
