import { describe, expect, it } from "vitest";
import fieldSelectors from "./facts/field-selectors.json" with { type: "json" };
import resourceFacts from "./facts/resources.json" with { type: "json" };
import strategyFacts from "./facts/strategies.json" with { type: "json" };
import columnFacts from "./facts/table-columns.json" with { type: "json" };
import type { Json, JsonObject, KubeObject } from "./machinery/object.ts";
import { registry } from "./registry.ts";
import type { ResourceRow } from "./resource.ts";
import { sampleWriteContext } from "./row.testing.ts";
import { createConformer } from "./schema/conform.ts";
import type { StructType, ValueType } from "./schema/schema.ts";
import { builtinSchemas } from "./schema/tables.ts";

const key = ({ group, resource }: ResourceRow["groupResource"]): string =>
  group === "" ? resource : `${resource}.${group}`;
const enabled = resourceFacts.resources.filter((fact) => fact.enabledByDefault);
/** Both a row's hub and its other versions have an entry in the facts. */
const hubs = enabled.filter((fact) =>
  rowsServing(fact).some((row) => row.group === fact.group && row.version === fact.version),
);

function rowsServing(fact: { group: string; version: string; plural: string }): ResourceRow[] {
  return registry.filter(
    (row) =>
      row.plural === fact.plural &&
      row.served.some(({ group, version }) => group === fact.group && version === fact.version),
  );
}

describe("the registry", () => {
  it("serves each resource that is enabled by default exactly once", () => {
    expect(
      enabled
        .filter((fact) => rowsServing(fact).length !== 1)
        .map(({ group, version, plural }) => [group, version, plural]),
    ).toEqual([]);
  });

  it("serves nothing else", () => {
    const known = new Set(enabled.map(({ group, version, plural }) => `${group}/${version}/${plural}`));
    const served = registry.flatMap((row) =>
      row.served.map(({ group, version }) => `${group}/${version}/${row.plural}`),
    );
    expect(served.filter((one) => !known.has(one))).toEqual([]);
    expect(served).toHaveLength(known.size);
  });

  it("lists the groups by upstream's priority", () => {
    const order = resourceFacts.groups.map(({ name }) => name);
    const places = registry.map(({ group }) => order.indexOf(group));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it.each(
    enabled.map((fact): [string, (typeof enabled)[number]] => [`${fact.group}/${fact.version} ${fact.plural}`, fact]),
  )("%s has the definition of its version", (_name, fact) => {
    const [row] = rowsServing(fact);
    const version = row?.served.find(({ group, version: name }) => group === fact.group && name === fact.version);
    expect(version?.definition).toBe(fact.definition);
  });

  it.each(
    hubs.map((fact): [string, (typeof hubs)[number]] => [key({ group: fact.group, resource: fact.plural }), fact]),
  )("%s is as discovery says", (_name, fact) => {
    const [row] = rowsServing(fact);
    if (row === undefined) throw new Error("not served");
    const verbs = [...row.verbs].sort();
    expect({
      kind: row.kind,
      singular: row.singular,
      scope: row.scope,
      verbs,
      shortNames: row.shortNames,
      categories: row.categories,
      hash: row.storageVersionHash,
      subresources: [...row.subresources].sort((a, b) => (a.name < b.name ? -1 : 1)),
    }).toEqual({
      kind: fact.kind,
      singular: fact.singular,
      scope: fact.namespaced ? "Namespaced" : "Cluster",
      verbs: [...fact.verbs].sort(),
      shortNames: fact.shortNames ?? [],
      categories: fact.categories ?? [],
      hash: fact.storage?.hash,
      subresources: (fact.subresources ?? []).map(({ name, kind, group, version, verbs: allowed, ...more }) => ({
        name,
        kind,
        group,
        version,
        verbs: allowed,
        ...("connect" in more ? { connect: true } : {}),
      })),
    });
    if (fact.storage !== undefined) expect(row.storagePrefix).toBe(storagePrefix(fact));
    expect(row.stored).toBe(fact.storage !== undefined);
  });
});

function storagePrefix({ group, plural, storage }: (typeof enabled)[number]): string {
  const grouped = group === "apiextensions.k8s.io" || group === "apiregistration.k8s.io";
  const prefix = storage !== undefined && "prefix" in storage ? storage.prefix : undefined;
  return prefix ?? (grouped ? `${group}/${plural}` : plural);
}

describe("tables", () => {
  const columns: Record<string, unknown> = columnFacts.resources;

  it.each(registry.map((row): [string, ResourceRow] => [key(row.groupResource), row]))(
    "%s has upstream's columns",
    (name, row) => {
      const wanted = columns[name];
      if (wanted === undefined || wanted === "default") {
        expect(row.table).toBeUndefined();
        return;
      }
      const given = row.table?.columns.map((column) => [
        column.name,
        column.type,
        column.format ?? "",
        column.priority ?? 0,
      ]);
      expect(given).toEqual(Array.isArray(wanted) ? wanted.map((column: unknown[]) => column.slice(0, 4)) : "a list");
      expect(row.table?.columns.filter(({ description }) => description.length === 0)).toEqual([]);
    },
  );

  it.each(
    registry
      .filter(({ table }) => table !== undefined)
      .map((row): [string, ResourceRow] => [key(row.groupResource), row]),
  )("%s has a cell for each column", (_name, row) => {
    expect(row.table?.cells(emptiest(row), { now: 0 })).toHaveLength(row.table?.columns.length ?? 0);
  });
});

/** What decoding makes of an object that says nothing: required lists and pointers are null, structs are empty. */
function emptiest(row: ResourceRow): KubeObject {
  const decoded = createConformer().conform({ metadata: { name: "x" } }, builtinSchemas().get(row.definition)).object;
  return decoded as KubeObject;
}

/** An object in which each list has one item, and each pointer something to point to, that itself says nothing. */
function hollow(row: ResourceRow): KubeObject {
  return filled(row, (fill) => fill());
}

/** The same, but the items of lists are as empty as decoding lets them be. */
function sparse(row: ResourceRow): KubeObject {
  return filled(row, () => ({}));
}

function filled(row: ResourceRow, item: (fill: () => Json) => Json): KubeObject {
  const members = (type: StructType, above: readonly string[]): JsonObject =>
    Object.fromEntries([...type.fields].map(([name, { value }]) => [name, fill(value, [...above, type.name])]));
  const fill = (value: ValueType, above: readonly string[]): Json => {
    // A schema has schemas in it.
    if (value.type === "struct") return above.includes(value.of.name) ? null : members(value.of, above);
    if (value.type === "list" && value.of.type === "struct") return [item(() => fill(value.of, above))];
    if (value.type === "list") return [fill(value.of, above)];
    if (value.type === "map") return { "": fill(value.of, above) };
    return null;
  };
  const { metadata: _metadata, ...rest } = members(builtinSchemas().get(row.definition), []);
  const object = { ...rest, metadata: { name: "x" } };
  return createConformer().conform(object, builtinSchemas().get(row.definition)).object as KubeObject;
}

describe("hooks", () => {
  const rows = registry.map((row): [string, ResourceRow] => [key(row.groupResource), row]);

  it.each(
    rows.flatMap(([name, row]) =>
      [emptiest, hollow, sparse].map((make): [string, ResourceRow, typeof make] => [name, row, make]),
    ),
  )("%s can do with an object that says nothing", (_name, row, make) => {
    for (const subresource of ["", ...row.subresources.map(({ name }) => name)]) {
      const context = sampleWriteContext({ subresource });
      const object = make(row);
      row.prepareForCreate?.(object, context);
      row.validate?.(object, context);
      const changed = make(row);
      row.prepareForUpdate?.(changed, object, context);
      row.validate?.(changed, context);
      row.validateUpdate?.(changed, object, context);
      row.warn?.(changed, object, context);
      row.warn?.(changed, undefined, context);
      row.table?.cells(changed, { now: 0 });
      for (const select of Object.values(row.selectableFields ?? {})) expect(typeof select(changed)).toBe("string");
    }
  });

  it.each(rows)("%s finds nothing changed in an unchanged object", (_name, row) => {
    const context = sampleWriteContext();
    expect(row.validateUpdate?.(emptiest(row), emptiest(row), context) ?? []).toEqual([]);
  });
});

describe("strategies", () => {
  interface Strategy {
    readonly generation?: string;
    readonly createOnUpdate?: boolean;
    readonly unconditionalUpdate?: boolean;
    readonly gc?: string;
    readonly reset?: Readonly<Record<string, readonly string[]>>;
  }
  const strategies: Record<string, Strategy> = strategyFacts.resources;
  const stored = registry.filter(({ stored: kept }) => kept);

  it.each(stored.map((row): [string, ResourceRow] => [key(row.groupResource), row]))(
    "%s is written as upstream writes it",
    (name, row) => {
      const strategy = strategies[name];
      expect({
        generation: row.generation !== undefined,
        createOnUpdate: row.createOnUpdate ?? false,
        unconditionalUpdate: row.unconditionalUpdate ?? false,
        gc: row.defaultPropagation ?? "Background",
        reset: row.reset ?? {},
      }).toEqual({
        generation: strategy?.generation !== undefined,
        createOnUpdate: strategy?.createOnUpdate,
        unconditionalUpdate: strategy?.unconditionalUpdate,
        gc: strategy?.gc ?? "Background",
        reset: exceptions[name] ?? strategy?.reset ?? {},
      });
    },
  );

  /** The facts name what server-side apply does not own there; where a write may touch more, the row says why. */
  const exceptions: Record<string, Strategy["reset"]> = {
    nodes: { status: ["spec"] },
    "certificatesigningrequests.certificates.k8s.io": {
      main: ["spec", "status"],
      status: ["spec"],
      approval: ["spec", "status.certificate"],
    },
  };

  it("answers a delete with the object where upstream does (ReturnDeletedObject)", () => {
    expect(registry.filter(({ returnsDeleted }) => returnsDeleted).map((row) => key(row.groupResource))).toEqual([
      "persistentvolumeclaims",
      "persistentvolumes",
      "pods",
      "podtemplates",
      "resourcequotas",
      "serviceaccounts",
      "services",
      "csidrivers.storage.k8s.io",
      "csinodes.storage.k8s.io",
      "storageclasses.storage.k8s.io",
      "volumeattachments.storage.k8s.io",
      "volumeattributesclasses.storage.k8s.io",
      "deviceclasses.resource.k8s.io",
      "resourceclaims.resource.k8s.io",
      "resourceclaimtemplates.resource.k8s.io",
      "resourceslices.resource.k8s.io",
    ]);
  });

  it("moves the generation with the parts that the facts name", () => {
    const object = {
      spec: "spec",
      webhooks: "webhooks",
      template: "template",
      metadata: { annotations: { a: "annotations" } },
    };
    const parts: Record<string, readonly unknown[]> = {
      spec: ["spec"],
      webhooks: ["webhooks"],
      template: ["template"],
      "spec|metadata.annotations": ["spec", { a: "annotations" }],
      "1 (never bumped)": [],
    };
    for (const row of stored) {
      const wanted = parts[strategies[key(row.groupResource)]?.generation ?? ""];
      if (wanted !== undefined) expect(row.generation?.(object), row.plural).toEqual(wanted);
    }
  });
});

describe("field selectors", () => {
  const facts: Record<string, readonly (readonly string[])[]> = fieldSelectors.resources;

  it.each(
    registry.flatMap((row) =>
      row.served.map((one): [string, ResourceRow] => [`${one.group === "" ? "" : `${one.group}/`}${one.version}`, row]),
    ),
  )("%s offers upstream's labels", (groupVersion, row) => {
    const own = row.selectableFieldsOf?.[groupVersion] ?? row.selectableFields ?? {};
    const wanted = (facts[`${groupVersion}/${row.kind}`] ?? [])
      .map(([label]) => label)
      .filter((label) => !label?.startsWith("metadata."));
    expect(Object.keys(own).sort()).toEqual(wanted.toSorted((a = "", b = "") => (a < b ? -1 : 1)));
  });
});
