import { describe, expect, it } from "vitest";
import type { CelField, CelType } from "../cel.ts";
import { createCelEnvironment } from "../environment.ts";

const text: CelType = { type: "string" };
const int: CelType = { type: "int" };
/** Of maxLength 10, 6 and 5. */
const [ten, six, five] = [10, 6, 5].map((length): CelType => ({ type: "string", maxBytes: 4 * length }));

function object(name: string, fields: Readonly<Record<string, CelType | undefined>>, minBytes?: number): CelType {
  const known = new Map<string, CelField>();
  for (const [field, type] of Object.entries(fields)) known.set(field, { type: type ?? text, jsonName: field });
  return {
    type: "object",
    of: { name, field: (field) => known.get(field), ...(minBytes === undefined ? {} : { minBytes }) },
  };
}

function list(of: CelType | undefined, maxItems?: number): CelType {
  return { type: "list", of: of ?? text, ...(maxItems === undefined ? {} : { maxItems }) };
}

function map(of: CelType | undefined, maxItems?: number): CelType {
  return { type: "map", of: of ?? text, ...(maxItems === undefined ? {} : { maxItems }) };
}

const self = object("self", {
  s: text,
  s10: ten,
  i: int,
  b: { type: "bool" },
  d: { type: "timestamp" },
  dt: { type: "timestamp", maxBytes: 12 },
  du: { type: "duration" },
  by: { type: "bytes" },
  ios: { type: "dyn" },
  en: { type: "string", maxBytes: 3 },
  ls: list(text),
  ls5: list(ten, 5),
  li: list(int),
  lb: list({ type: "bool" }),
  // `k` is required: {"k":""} and what stands around it.
  lo: list(object("item", { k: text, v: int }, 9)),
  lo3: list(object("item", { k: five }), 3),
  m: map(text),
  m4: map(six, 4),
  mi: map(int),
  o: object("o", { a: text, b: int }),
  u: object("u", {}),
});

/** As a real API server of 1.36 estimates the rules of a schema with these fields. */
const estimates: readonly (readonly [rule: string, most: number])[] = [
  ["self.i > 1", 3],
  ["self.i == 1", 2],
  ["self.s == 'abc'", 3],
  ["self.s == self.s10", 8],
  ["self.s10 == 'abcdefghijklm'", 4],
  ["self.b", 2],
  ["self.s.contains('x')", 314575],
  ["self.s10.contains('x')", 6],
  ["self.s.matches('a.*')", 314575],
  ["self.s10.matches('[a-z]+')", 12],
  ["self.s.startsWith('ab')", 3],
  ["size(self.s) > 1", 4],
  ["self.d > timestamp('2020-01-01T00:00:00Z')", 4],
  ["self.d == self.d", 8],
  ["self.du < duration('1h')", 4],
  ["self.by == b'x'", 3],
  ["self.dt == self.d", 6],
  ["self.ios == 1", 3],
  ["self.en == 'a'", 3],
  ["self.ls.all(x, x == 'a')", 5242878],
  ["self.ls5.all(x, x == 'a')", 28],
  ["self.ls5.all(x, x.contains('abc'))", 43],
  ["self.li.all(x, x > 1)", 7864318],
  ["self.lb.all(x, x)", 2516583],
  ["self.lo.all(x, x.k == 'a')", 1887435],
  ["self.lo3.all(x, x.k.startsWith('a'))", 21],
  ["self.lo.exists(x, self.lo.all(y, x.k != y.k))", 31129434777024728],
  ["self.lo3.all(x, self.lo3.exists_one(y, x.k == y.k))", 96],
  ["self.m.all(k, k == 'a')", 1572863],
  ["self.m4.all(k, self.m4[k] == 'a')", 35],
  ["self.mi.all(k, self.mi[k] > 1)", 3595115],
  ["self.ls5.map(x, x + 'y').size() > 1", 105],
  ["self.ls5.filter(x, x == 'a').all(y, y == 'b')", 109],
  ["'a' in self.ls", 1048577],
  ["'a' in self.ls5", 7],
  ["'a' in self.m", 3],
  ["self.o == self.o", 4],
  ["has(self.o.a) && self.o.a == 'x'", 6],
  ["self.ls5.join(',') == 'a'", 24],
  ["self.s10.split(',').all(x, x == 'a')", 171],
  ["self.s.replace('a','bb') == 'x'", 629149],
  ["self.s10.lowerAscii() == 'x'", 7],
  ["self.ls.isSorted()", 329854432052],
  ["self.ls5.isSorted()", 27],
  ["self.li.sum() > 1", 1572866],
  ["self.ls5 + self.ls5 == self.ls5", 8],
  ["(self.ls5 + self.ls5).all(x, x == 'a')", 46],
  ["self.ls5[0] == 'a'", 4],
  ["self.m4['a'] == 'b'", 4],
  ["self.u == self.u", 4],
  ["self.s10.find('a') == 'a'", 8],
  ["self.s10.findAll('a').size() == 1", 9],
  ["url(self.s10).getHost() == 'x'", 8],
  ["quantity(self.s10).isInteger()", 7],
  ["isQuantity(self.s)", 314575],
  ["self.?o.?a.orValue('x') == 'y'", 5],
  ["self.ls5.all(i, v, v == 'a' && i > 1)", 38],
  ["self.m4.transformMap(k, v, v + 'x').size() > 1", 63],
  ["self.s10 + self.s10 == 'a'", 13],
  ["self.s + 'a' == 'b'", 314576],
  ["(self.b ? self.s10 : 'abc') == 'x'", 5],
  ["[self.s10, 'a'].all(x, x == 'b')", 21],
  ["{'a': self.s10}.all(k, k == 'b')", 37],
  ["self.ls5.distinct().size() == 1", 65],
  ["self.ls5.sort() == self.ls5", 69],
  ["self.li.reverse() == self.li", 1730165],
  ["sets.contains(self.ls5, ['a'])", 18],
  ["self.s10.format(['a']) == 'x'", 17],
  ["'%s'.format([self.s]) == 'x'", 14],
  ["string(self.i) == '1'", 4],
  ["bytes(self.s10) == b'x'", 7],
  ["ip(self.s10).family() == 4", 8],
  ["cidr(self.s10).containsIP('1.2.3.4')", 11],
  ["format.dns1123Label().validate(self.s10).hasValue()", 132],
  ["semver(self.s10).major() == 1", 8],
  ["self.ls5.indexOf('a') == 1", 28],
  ["self.s10.indexOf('a') == 1", 7],
  ["self.lo.map(x, x.k).all(y, y == 'a')", 5662310],
  ["self.ls5.exists(x, x == 'a') ", 33],
  [" self.b", 2],
  ["dyn(self.s10) == 'a'", 4],
  ["self.ls5.slice(0, 2).all(x, x == 'a')", 24],
  ["lists.range(10).all(x, x > 1)", 72],
  ["self.s10 in ['a','b']", 14],
  ["self.m4.exists(k, v, v == k)", 27],
  ["self.lo3.exists_one(x, x.k == 'a')", 19],
  ["self.m4.map(k, k).all(x, x == 'a')", 82],
  ["self.ls5.map(x, x.size()).sum() > 1", 89],
  ["self.s10.substring(1) == 'a'", 7],
  ["self.s10.trim() == 'a'", 7],
  ["self.lo == self.lo", 31462],
  ["self.ls == self.ls5", 5],
  ["self.m == self.m4", 5],
  ["self.du == duration('1h')", 4],
  ["self.ls5.sortBy(x, size(x)) == self.ls5", 159],
  ["self.ls5.first().orValue('') == 'a'", 5],
];

describe("estimatedCost", () => {
  const environment = createCelEnvironment({ variables: { self } });

  it.each(estimates)("%s", (rule, most) => {
    expect(environment.compile(rule).estimatedCost()).toBe(most);
  });
});
