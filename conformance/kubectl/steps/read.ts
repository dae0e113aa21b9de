import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { parse } from "yaml";
import { differences } from "../../contains.ts";
import type { Manifest } from "../../manifests.ts";
import type { Subject } from "../subject.ts";
import { rowPattern, tableLines } from "../table-text.ts";

/** The default and the wide table. */
export async function readTables({ kubectl, row, resource, minimal, full, scope }: Subject): Promise<void> {
  const names = [minimal.metadata.name, full.metadata.name];
  const [header, ...lines] = tableLines(await kubectl.ok(["get", resource, ...names, ...scope]));
  expect(header).toBe(row.header);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(rowPattern(row.row));
  const [wide] = tableLines(await kubectl.ok(["get", resource, ...names, ...scope, "-o", "wide"]));
  expect(wide).toBe(row.wideHeader ?? [row.header, ...(row.wide === undefined ? [] : [row.wide])].join(" | "));
}

/** What was written comes back, in YAML and JSON, through the API and raw. */
export async function readObjects({ kubectl, resource, minimal, full, files, scope, path }: Subject): Promise<void> {
  const names = [minimal.metadata.name, full.metadata.name];
  const yaml = await kubectl.ok(["get", resource, full.metadata.name, ...scope, "-o", "yaml"]);
  const object = parse(yaml) as Manifest;
  const { status: written, ...rest } = full;
  expect(differences(full.kind === "Node" ? { ...rest, status: written } : rest, object)).toEqual([]);
  for (const [digits] of readFileSync(files.full, "utf8").matchAll(/(?<= )\d{16,}/g)) expect(yaml).toContain(digits);
  expect(object.metadata).toMatchObject({
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    resourceVersion: expect.stringMatching(/^[1-9]\d*$/),
    creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const list = JSON.parse(await kubectl.ok(["get", resource, ...names, ...scope, "-o", "json"])) as {
    items: Manifest[];
  };
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(names);
  expect(differences(unversioned(object), list.items[1])).toEqual([]);
  const raw: unknown = JSON.parse(await kubectl.ok(["get", "--raw", `${path}/${full.metadata.name}`]));
  expect(differences(unversioned(object), raw)).toEqual([]);
}

/** The forms that pick parts of objects. */
export async function readParts({ kubectl, resource, qualified, minimal, full, scope }: Subject): Promise<void> {
  const [one, two] = [minimal.metadata.name, full.metadata.name];
  const get = (...args: string[]): Promise<string> => kubectl.ok(["get", resource, ...args, ...scope]);
  expect(await get(one, two, "-o", "name")).toBe(`${qualified}/${one}\n${qualified}/${two}\n`);
  expect(await get(two, "-o", 'jsonpath={.kind}{"|"}{.metadata.labels.suite}')).toBe(`${full.kind}|conformance`);
  expect(
    tableLines(await get(one, two, "-o", "custom-columns=WHO:.metadata.name,WHAT:.kind,SUITE:.metadata.labels.suite")),
  ).toEqual(["WHO | WHAT | SUITE", `${one} | ${full.kind} | <none>`, `${two} | ${full.kind} | conformance`]);
  expect(
    await get(two, "-o", 'go-template={{.apiVersion}} {{index .metadata.annotations "conformance.example/note"}}'),
  ).toBe(`${full.apiVersion} first`);
}

/** Selectors, pages, orders. */
export async function readLists({
  kubectl,
  row,
  resource,
  qualified,
  minimal,
  full,
  scope,
  namespace,
}: Subject): Promise<void> {
  const { name } = full.metadata;
  const get = (...args: string[]): Promise<string> => kubectl.ok(["get", resource, ...args]);
  const labelled = tableLines(await get("-l", "suite=conformance", "--show-labels", ...scope));
  expect(labelled[0]).toBe(`${row.header} | LABELS`);
  expect(labelled).toHaveLength(2);
  expect(labelled[1]).toMatch(/ \| (?:\S+,)?suite=conformance(?:,\S+)?$/);
  const everywhere = tableLines(await get("-A", `--field-selector=metadata.name=${name}`));
  expect(everywhere[0]).toBe(namespace === undefined ? row.header : `NAMESPACE | ${row.header}`);
  const here = everywhere.filter((line) => namespace === undefined || line.startsWith(`${namespace} | `));
  expect(here).toHaveLength(namespace === undefined ? 2 : 1);
  expect(here.at(-1)).toMatch(rowPattern(namespace === undefined ? row.row : `${namespace} | ${row.row}`));
  const paged = (await get("--sort-by=.metadata.name", "--chunk-size=1", "-o", "name", ...scope)).trim().split("\n");
  const names = [minimal.metadata.name, name].map((each) => `${qualified}/${each}`);
  expect(paged.filter((each) => names.includes(each))).toEqual(names.toSorted());
}

/** Without what controllers may change between two reads. */
function unversioned({
  status: _status,
  metadata: { resourceVersion: _version, managedFields: _fields, ...metadata },
  ...rest
}: Manifest & {
  metadata: { resourceVersion?: string; managedFields?: unknown };
}): object {
  return { ...rest, metadata };
}
