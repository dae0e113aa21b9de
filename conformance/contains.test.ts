import { expect, test } from "vitest";
import { differences } from "./contains.ts";
import { rowPattern, tableLines } from "./kubectl/table-text.ts";

test("more fields are no difference, other values and lists of another length are", () => {
  const want = { spec: { replicas: 2, ports: [{ port: 80 }] } };
  expect(differences(want, { spec: { replicas: 2, ports: [{ port: 80, protocol: "TCP" }] }, status: {} })).toEqual([]);
  expect(differences(want, { spec: { replicas: 3, ports: [] } })).toEqual([
    ".spec.replicas: 3 instead of 2",
    ".spec.ports: 0 items instead of 1",
  ]);
  expect(differences(want, {})).toEqual([".spec: an object is missing"]);
  expect(differences({ tolerations: [{ key: "a" }] }, { tolerations: [{ key: "a" }, { key: "b" }] })).toEqual([]);
  expect(differences(JSON.parse('{"__proto__":"data"}'), {})).toEqual(['.__proto__: undefined instead of "data"']);
});

test("golden rows match cell by cell", () => {
  const [line = ""] = tableLines("full   0/3     Pending   0          12s   <none>\n");
  expect(line).toBe("full | 0/3 | Pending | 0 | 12s | <none>");
  expect(line).toMatch(rowPattern("full | 0/3 | * | 0 | AGE | <none>"));
  expect(line).not.toMatch(rowPattern("full | 0/2 | * | 0 | AGE | <none>"));
  expect(line).not.toMatch(rowPattern("full | 0/3 | * | 0 | TIME | <none>"));
  expect("a.b | 1").not.toMatch(rowPattern("aXb | 1"));
});
