import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultRules } from "./defaults.ts";
import type { KubeObject } from "./machinery/object.ts";
import { registry } from "./registry.ts";
import { cellsOf, created, findingsOf, updated, sampleWriteContext } from "./row.testing.ts";
import { createConformer } from "./schema/conform.ts";
import { createDefaulter } from "./schema/default.ts";
import { structOf } from "./schema/sent.testing.ts";
import { builtinSchemas } from "./schema/tables.ts";

const schemas = builtinSchemas();
const conformer = createConformer();
const defaulterOf = createDefaulter(schemas, defaultRules, () => 0);

test.each(registry.map((row) => [`${row.plural} ${row.group}`, row] as const))(
  "no object that decodes makes the hooks of %s throw",
  (_name, row) => {
    const type = schemas.get(row.definition);
    const decoded = structOf(type, 5).map((sent): KubeObject => {
      const { object } = conformer.conform({ ...sent, metadata: { name: "x", uid: "u" } }, type);
      defaulterOf(row.definition)(object);
      return object;
    });
    fc.assert(
      fc.property(
        decoded,
        decoded,
        fc.constantFrom("", "status", ...row.subresources.map(({ name }) => name)),
        (object, old, subresource) => {
          const made = created(row, object);
          const changed = updated(row, object, old, subresource);
          for (const given of [made, changed]) {
            findingsOf(row, given, old, subresource);
            row.warn?.(given, old, sampleWriteContext({ subresource }));
            if (row.table !== undefined) cellsOf(row, given);
            row.generation?.(given);
            row.gracePeriod?.(given, undefined);
            for (const select of Object.values(row.selectableFields ?? {})) expect(typeof select(given)).toBe("string");
          }
        },
      ),
      { numRuns: 30 },
    );
  },
);
