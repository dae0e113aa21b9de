import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepClone } from "./clone.ts";
import { deepEqual } from "./equal.ts";
import { encodeJson, maxJsonDepth, parseJson, stringifyJson } from "./json.ts";
import { ApiError } from "./status.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): unknown => parseJson(bytes(text), { duplicates: true }).value;
const duplicates = (text: string): readonly string[] => parseJson(bytes(text), { duplicates: true }).duplicates;

function refusal(text: string | Uint8Array): string {
  try {
    parseJson(typeof text === "string" ? bytes(text) : text, { duplicates: true });
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "BadRequest") return thrown.message;
    throw thrown;
  }
  return "";
}

describe("numbers", () => {
  it.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
    ["18446744073709551615", 18446744073709551615n],
    // No 64 bits hold these: a float, as for Go.
    ["18446744073709551616", 2 ** 64],
    ["1e21", 1e21],
    ["0.1234567890123456789", Number("0.1234567890123456789")],
    ["-0.0", -0],
  ])("%s survives", (text, value) => {
    expect(parse(`{"a":[${text}]}`)).toEqual({ a: [value] });
    expect(parse(text)).toEqual(value);
    expect(parse(`${" ".repeat(9)}${text}`)).toEqual(value);
  });

  it.each(["1e999", "-1E999", "9".repeat(400)])("%s overflows", (text) => {
    expect(refusal(`[${text}]`)).toMatch(/^cannot unmarshal number/);
  });

  it("keep exact neighbours and strings apart", () => {
    const text =
      '{"a":9007199254740993,"b":"9007199254740993","c":"\\u0041\\"}","d":[true,false,null,-1.5e3,{}],"e":[]}';
    expect(parse(text)).toEqual({
      a: 9007199254740993n,
      b: "9007199254740993",
      c: 'A"}',
      d: [true, false, null, -1500, {}],
      e: [],
    });
    expect(stringifyJson(parse(text))).toBe(text.replace("\\u0041", "A").replace("-1.5e3", "-1500"));
  });
});

describe("duplicate keys", () => {
  it.each([
    ['{"spec":{"replicas":1,"replicas":2}}', ['duplicate field "spec.replicas"']],
    ['{"a":[{},{"b":1,"c":2,"b":3}]}', ['duplicate field "a[1].b"']],
    ['{"a":1,"a":2,"a":3}', ['duplicate field "a"']],
    ['{"a":1,"\\u0061":2}', ['duplicate field "a"']],
    ['{"__proto__":1,"__proto__":2}', ['duplicate field "__proto__"']],
    ['{"a":{"x":1},"b":{"x":1},"c":":"}', []],
    ['[[{"a":1,"a":1}]]', ['duplicate field "[0][0].a"']],
  ])("of %s", (text, found) => expect(duplicates(text)).toEqual(found));

  it("lose to the last one", () => expect(parse('{"a":1,"b":0,"a":{"c":2}}')).toEqual({ a: { c: 2 }, b: 0 }));

  it("are not looked for where nobody asks", () => {
    expect(parseJson(bytes('{"a":1,"a":2}'), { duplicates: false })).toEqual({ value: { a: 2 }, duplicates: [] });
  });

  it("are reported at most a hundred times", () => {
    const members = Array.from({ length: 200 }, (_, index) => `"k${index}":1,"k${index}":2`);
    expect(duplicates(`{${members.join(",")}}`)).toHaveLength(100);
  });
});

describe("odd keys", () => {
  it.each(['{"__proto__":{"x":1}}', '{"__proto__":{"x":1},"n":9007199254740993}'])("are data in %s", (text) => {
    const value = parse(text);
    expect(Object.keys(value as object)[0]).toBe("__proto__");
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(stringifyJson(value)).toBe(text);
  });
});

describe("depth", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

  it("is bounded", () => {
    expect(parse(nested(maxJsonDepth))).toBeInstanceOf(Array);
    expect(refusal(nested(maxJsonDepth + 1))).toBe("exceeded max depth");
    expect(refusal("[".repeat(1_000_000))).toBe("exceeded max depth");
    expect(refusal('{"a":'.repeat(900))).toBe("unexpected end of JSON input");
    expect(() => parseJson(bytes(nested(200_000)), { duplicates: false })).toThrow("exceeded max depth");
  });

  it("leaves room for all that walks the value", () => {
    const text = nested(maxJsonDepth).replace("[]", "[9007199254740993]");
    const value = parse(text);
    expect(deepEqual(deepClone(value), value)).toBe(true);
    expect(stringifyJson(value)).toBe(text);
  });
});

describe("syntax errors", () => {
  it.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ['{"a"', "unexpected end of JSON input"],
    ['"a', "unexpected end of JSON input"],
    ["tru", "unexpected end of JSON input"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["\uFEFF{}", "invalid character '\uFEFF' looking for beginning of value"],
    ["{a:1}", "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['{"a":[1}', "invalid character '}' after array element"],
    ["{}x", "invalid character 'x' after top-level value"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ["nule", "invalid character 'e' in literal null (expecting 'l')"],
    ["-a", "invalid character 'a' in numeric literal"],
    ["1.a", "invalid character 'a' after decimal point in numeric literal"],
    ["1ea", "invalid character 'a' in exponent of numeric literal"],
    ["01", "invalid character '1' after top-level value"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['{"a":[],"b":{}} ,', "invalid character ',' after top-level value"],
  ])("%j: %s", (text, message) => expect(refusal(text)).toBe(message));

  it("include bytes that are no UTF-8", () => {
    expect(refusal(new Uint8Array([0x22, 0xff, 0x22]))).toBe("invalid UTF-8 in JSON text");
  });

  it("agree with JSON.parse on what is valid", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", ",", "}", "]", '"', "1", "\\", ":", "e"),
        (text, place, character) => {
          const at = place % (text.length + 1);
          const broken = text.slice(0, at) + character + text.slice(at + 1);
          let valid = true;
          try {
            JSON.parse(broken);
          } catch {
            valid = false;
          }
          const said = refusal(broken);
          if (valid) expect(said === "" || said.startsWith("cannot unmarshal number")).toBe(true);
          else expect(said).toMatch(/^(invalid character|unexpected end)/);
        },
      ),
    );
  });
});

describe("round trip", () => {
  it("keeps every value, with and without bigint", () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("node")),
        fc.dictionary(fc.string(), tie("node"), { noNullPrototype: true }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        expect(parseJson(encodeJson(value), { duplicates: true })).toEqual({ value, duplicates: [] });
        expect(parseJson(encodeJson(value), { duplicates: false }).value).toEqual(value);
      }),
    );
  });

  it("drops undefined members, also beside a bigint", () => {
    expect(stringifyJson({ a: undefined, b: 2n ** 60n, c: [undefined] })).toBe('{"b":1152921504606846976,"c":[null]}');
  });
});
