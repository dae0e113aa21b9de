import { describe, expect, it } from "vitest";
import { generateName, maskTrailingDash, randomSuffix } from "./generate-name.ts";
import * as names from "./names.ts";

const subdomainProblem =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelProblem =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const rules: { rule: (value: string) => names.Problems; good: string[]; bad: string[] }[] = [
  {
    rule: names.dnsSubdomain,
    good: ["a", "ab", "a1", "a-1", "0", "a.b", "1.2.3.4", "a--b.c", "a".repeat(253)],
    bad: ["", "A", "a.", ".a", "-", "a-", "-1", "_", "a_b", "a..b", "a b", "a\n", "ä", "a".repeat(254)],
  },
  { rule: names.dnsLabel, good: ["a", "0-0", "a".repeat(63)], bad: ["", "a.b", "A", "a-", "a".repeat(64)] },
  { rule: names.dns1035Label, good: ["a", "a-1", "a".repeat(63)], bad: ["", "0", "1a", "a.b", "a".repeat(64)] },
  {
    rule: names.labelKey,
    good: [
      "simple",
      "now-with-dashes",
      "1-num.2-num",
      "1234/5678",
      "example.com/a",
      "Uppercase_Is_OK_123",
      "a".repeat(63),
      `${"a".repeat(253)}/name`,
    ],
    bad: [
      "",
      "nospecialchars%^=@",
      "cantendwithadash-",
      "-x",
      "only/one/slash",
      "Example.com/abc",
      "/a",
      "a/",
      "a".repeat(64),
      `${"a".repeat(254)}/x`,
    ],
  },
  { rule: names.labelValue, good: ["", "a", "1.a_b-C", "a".repeat(63)], bad: ["-", "a-", "a b", "a".repeat(64)] },
  { rule: names.pathSegment, good: ["a", "system:node", "", "A b"], bad: [".", "..", "a/b", "a%b"] },
  {
    rule: names.portName,
    good: ["http", "9p", "a-b", "telnet-over-ssl"],
    bad: ["", "80", "a--b", "-a", "a-", "Http", "a".repeat(16)],
  },
  { rule: names.cIdentifier, good: ["_", "a1", "A_b"], bad: ["", "1a", "a-b"] },
  {
    rule: names.configMapKey,
    good: ["a", ".a", "A_b-c.d", "a..b"],
    bad: ["", ".", "..", "..a", "a/b", "a".repeat(254)],
  },
  { rule: names.envVarName, good: ["A", "a b", "1", "-"], bad: ["", "a=b", "ä", "a\t"] },
  { rule: names.wildcardDnsSubdomain, good: ["*.bar.com"], bad: ["*.*.bar.com", "*bar.com", "*", "a.b"] },
  { rule: names.dnsSubdomainWithUnderscore, good: ["_a.b", "a_b"], bad: ["a_", "A"] },
  { rule: names.percent, good: ["0%", "150%"], bad: ["1", "%", "-1%"] },
  { rule: names.httpHeaderName, good: ["X-Forwarded-For"], bad: ["a b", "", "a_b"] },
];

describe.each(rules)("$rule.name", ({ rule, good, bad }) => {
  it.each(good)("allows %j", (value) => expect(rule(value)).toEqual([]));
  it.each(bad)("refuses %j", (value) => expect(rule(value)).not.toEqual([]));
});

describe("messages", () => {
  it("are upstream's", () => {
    expect(names.dnsSubdomain("A")).toEqual([subdomainProblem]);
    expect(names.dnsSubdomain("A".repeat(254))).toEqual(["must be no more than 253 characters", subdomainProblem]);
    expect(names.dnsLabel("A")).toEqual([labelProblem]);
    expect(names.dnsLabel("a.b")).toEqual(["must not contain dots"]);
    expect(names.labelKey("")).toEqual([
      "name part must be non-empty",
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ]);
    expect(names.labelKey("/a")).toEqual(["prefix part must be non-empty"]);
    expect(names.labelKey("A/a")).toEqual([`prefix part ${subdomainProblem}`]);
    expect(names.portNumber(0)).toEqual(["must be between 1 and 65535, inclusive"]);
  });

  it("takes time in proportion to the length of a hostile value", () => {
    const hostile = `${"a.".repeat(500_000)}!`;
    expect(names.dnsSubdomain(hostile)).toHaveLength(2);
    expect(names.labelKey(hostile)).toHaveLength(2);
  });
});

describe("generated names", () => {
  it("end with five characters of the alphabet", () => {
    expect(randomSuffix(() => 0)).toBe("bbbbb");
    expect(randomSuffix((below) => below - 1)).toBe("99999");
  });

  it("stay DNS labels when the prefix is long", () => {
    expect(generateName("web-", () => 1)).toBe("web-ccccc");
    expect(generateName("x".repeat(100), () => 1)).toBe(`${"x".repeat(58)}ccccc`);
  });

  it("may have a prefix that ends with a dash", () => {
    expect(names.dnsSubdomain(maskTrailingDash("web-"))).toEqual([]);
    expect(names.dnsSubdomain(maskTrailingDash("-"))).not.toEqual([]);
  });
});
