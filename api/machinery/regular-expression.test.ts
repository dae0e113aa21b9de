import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { nativePattern } from "./native-pattern.ts";
import { compileRegularExpression, createRegularExpressions, RegularExpressionError } from "./regular-expression.ts";

describe("regular expressions", () => {
  it.each([
    ["^a$", "a", true],
    ["^a$", "a\n", false],
    ["b", "abc", true],
    ["(?i)^abc\\z", "ABC", true],
    ["^(?P<year>\\d{4})$", "2026", true],
    ["^[[:alpha:]]+$", "abc1", false],
    ["^\\p{L}+$", "aß", true],
    ["^.$", "\u{1f600}", true],
    ["^\\s$", "\u00a0", false],
    ["^\\w$", "é", false],
    ["^[^a]{2}$", "\u{1f600}b", true],
    ["^a.b$", "a\u2028b", true],
  ])("%s finds in %j: %s", (pattern, text, expected) => {
    expect(compileRegularExpression(pattern).matches(text)).toBe(expected);
  });

  it.each([
    ["[a", "error parsing regexp: missing closing ]: `[a`"],
    ["a(?=b)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"],
    ["a**", "error parsing regexp: invalid nested repetition operator: `**`"],
    ["a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"],
  ])("%s is refused in Go's words", (pattern, message) => {
    expect(() => compileRegularExpression(pattern)).toThrow(new RegularExpressionError(message));
  });

  it("takes linear time", () => {
    const text = `${"a".repeat(20_000)}b`;
    for (const pattern of ["^(a+)+$", "^(a|a)*$", "a*a*a*a*c", "(x+x+)+y"])
      expect(compileRegularExpression(pattern).matches(text)).toBe(false);
  });

  it("is remembered, and forgotten when others were used since", () => {
    const expressions = createRegularExpressions(2);
    const a = expressions.compile("a");
    expressions.compile("b");
    expect(expressions.compile("a")).toBe(a);
    expressions.compile("c");
    expect(expressions.compile("a")).toBe(a);
    const b = expressions.compile("b");
    expect(expressions.compile("b")).toBe(b);
  });
});

describe("the JavaScript engine", () => {
  it.each(["^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "^\\d{4}-\\d{2}$", "^(a|b)?c$", "foo"])("runs %s", (pattern) => {
    expect(nativePattern(pattern)).toBeDefined();
  });

  it.each([
    "^(a+)+$",
    "(a|b)*",
    "a*b*c",
    "(?i)a",
    "^[[:alpha:]]$",
    "\\bx",
    "é",
    "a|^b*c*",
    "x{0,99}y+z*",
    "^a?a?a?a?a?a?a?aaaaaaa$",
  ])("does not run %s", (pattern) => {
    expect(nativePattern(pattern)).toBeUndefined();
  });

  it("agrees with Go wherever it is used", () => {
    const piece = fc.constantFrom(
      ...Array.from("abAB01-_. ]}^$|()?*+"),
      "[a-c]",
      "[^a]",
      "[-.]",
      "[a\\-]",
      "[ab-]",
      "\\d",
      "\\s",
      "\\.",
      "\\n",
      "{1,2}",
      "(?:",
      "[\\w.]",
    );
    const text = fc.stringMatching(/^[abAB01\-_. \]}\n\r\u2028é]{0,6}$/);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), text, (pieces, sample) => {
        const pattern = pieces.join("");
        let linear: RE2JS;
        try {
          linear = RE2JS.compile(pattern);
        } catch {
          return;
        }
        const native = nativePattern(pattern);
        if (native !== undefined)
          expect([pattern, native.expression.test(sample)]).toEqual([pattern, linear.test(sample)]);
      }),
      { numRuns: 3_000 },
    );
  });
});
