import { expect, test } from "vitest";
import { acceptClauses } from "./accept-clauses.ts";

test.each<[header: string, values: string[]]>([
  ["application/json", ["application/json"]],
  ["a/b;q=0.2, c/d, e/f;q=0.5", ["c/d", "e/f", "a/b"]],
  ["a/b, c/d;q=1.0", ["a/b", "c/d"]],
  ["gzip;q=0, Deflate", ["deflate"]],
  ["gzip;q=high", []],
])("%j is answered by %j, in this order", (header, values) => {
  expect(acceptClauses(header).map(({ value }) => value)).toEqual(values);
});

test("parameters keep their case, and any name is a name", () => {
  const [clause] = acceptClauses("application/json;as=Table; v=v1 ;__proto__=x;flag");
  expect(clause && [...clause.parameters]).toEqual([
    ["as", "Table"],
    ["v", "v1"],
    ["__proto__", "x"],
    ["flag", ""],
  ]);
});
