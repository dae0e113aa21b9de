import { deepClone, deepFreeze } from "./machinery/clone.ts";
import { describeFieldError, type FieldError } from "./machinery/field-error.ts";
import type { KubeObject } from "./machinery/object.ts";
import { formatTime } from "./machinery/time.ts";
import type { Cell, ResourceRow, WriteContext } from "./resource.ts";

/** What tests of rows share: every hook as the server calls it, with a clock that stands still. */
export const trialTime: number = Date.UTC(2026, 0, 2, 12, 0, 0);

export function ago(seconds: number): string {
  return formatTime(trialTime - seconds * 1000);
}

/** A write by an ordinary user. */
export function sampleWriteContext(differently: Partial<WriteContext> = {}): WriteContext {
  return {
    namespace: "default",
    now: trialTime,
    uuid: () => "00000000-0000-4000-8000-000000000001",
    user: { name: "ann", groups: ["system:authenticated"] },
    subresource: "",
    operation: "create",
    ...differently,
  };
}

/** The row of `kubectl get -o wide`, by column name. */
export function cellsOf(row: ResourceRow, object: KubeObject): Record<string, Cell> {
  const cells = row.table?.cells(deepFreeze(deepClone(object)), { now: trialTime }) ?? [];
  const columns = row.table?.columns ?? [];
  if (cells.length !== columns.length)
    throw new Error(`${row.plural}: ${cells.length} cells for ${columns.length} columns`);
  return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]));
}

export function created<T extends KubeObject>(row: ResourceRow, object: T): T {
  const copy: T = structuredClone(object);
  row.prepareForCreate?.(copy, sampleWriteContext());
  return copy;
}

export function updated<T extends KubeObject>(row: ResourceRow, object: T, old: T, subresource = ""): T {
  const copy: T = structuredClone(object);
  row.prepareForUpdate?.(copy, deepFreeze(deepClone(old)), sampleWriteContext({ subresource, operation: "update" }));
  return copy;
}

/** `field: message`, as a Status tells them. */
export function findingsOf(row: ResourceRow, object: KubeObject, old?: KubeObject, subresource = ""): string[] {
  const frozen = deepFreeze(deepClone(object));
  const context = sampleWriteContext({ subresource, operation: old === undefined ? "create" : "update" });
  const findings: FieldError[] = [...(row.validate?.(frozen, context) ?? [])];
  if (old !== undefined) findings.push(...(row.validateUpdate?.(frozen, deepFreeze(deepClone(old)), context) ?? []));
  return findings.map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
}
