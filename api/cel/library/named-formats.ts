import { dns1035Label, dnsLabel, dnsSubdomain, labelKey, labelValue, type Problems } from "../../machinery/names.ts";
import { hasFormat } from "../../schema/structural/formats.ts";
import { actualSize } from "../cost/actual-size.ts";
import { regularExpression, traversal } from "../cost/factors.ts";
import { scale } from "../cost/range.ts";
import { BuiltList } from "../values/list.ts";
import { none, OpaqueValue, OptionalValue, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asText, noSuchOverload } from "./overload.ts";

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library */
class FormatValue extends OpaqueValue {
  override readonly typeName = "kubernetes.NamedFormat";
  readonly problems: (text: string) => Problems;
  /** Length of the regular expression that it stands for. */
  readonly patternSize: number;

  constructor(problems: (text: string) => Problems, patternSize: number) {
    super();
    this.problems = problems;
    this.patternSize = patternSize;
  }

  override equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

/** A prefix may end where a whole name may not. */
function prefix(problems: (text: string) => Problems): (text: string) => Problems {
  return (text) => problems(text.endsWith("-") ? `${text.slice(0, -1)}a` : text);
}

function format(name: string, words: string): (text: string) => Problems {
  return (text) => (hasFormat(text, name) ? [] : [words]);
}

function uriProblems(text: string): Problems {
  return hasFormat(text, "uri") ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`];
}

const longestPattern = 128;
const formats: ReadonlyMap<string, FormatValue> = new Map([
  ["dns1123Label", new FormatValue(dnsLabel, 30)],
  ["dns1123Subdomain", new FormatValue(dnsSubdomain, 60)],
  ["dns1035Label", new FormatValue(dns1035Label, 30)],
  ["qualifiedName", new FormatValue(labelKey, 60)],
  ["dns1123LabelPrefix", new FormatValue(prefix(dnsLabel), 30)],
  ["dns1123SubdomainPrefix", new FormatValue(prefix(dnsSubdomain), 60)],
  ["dns1035LabelPrefix", new FormatValue(prefix(dns1035Label), 30)],
  ["labelValue", new FormatValue(labelValue, 40)],
  ["uri", new FormatValue(uriProblems, 1103)],
  ["uuid", new FormatValue(format("uuid", "does not match the UUID format"), 72)],
  ["byte", new FormatValue(format("byte", "invalid base64"), 84)],
  ["date", new FormatValue(format("date", "invalid date"), 72)],
  ["datetime", new FormatValue(format("datetime", "invalid datetime"), 72)],
]);

function asFormat(value: Value): FormatValue {
  if (value instanceof FormatValue) return value;
  throw noSuchOverload();
}

/** None where the text is fine. */
function validate(value: Value, text: Value): Value {
  const problems = asFormat(value).problems(asText(text));
  return problems.length === 0 ? none : new OptionalValue(new BuiltList([...problems]));
}

export const namedFormats: readonly Declaration[] = [
  ...[...formats].map(([name, value]) => declare(`format.${name}(): kubernetes.NamedFormat`, () => value)),
  declare("format.named(string): optional(kubernetes.NamedFormat)", (a) => {
    const named = formats.get(asText(a));
    return named === undefined ? none : new OptionalValue(named);
  }),
  declare("kubernetes.NamedFormat.validate(string): optional(list(string))", validate, {
    cost: ([value, text]) =>
      Math.ceil((1 + actualSize(text)) * traversal) * Math.ceil(asFormat(value).patternSize * regularExpression),
    estimate: (call) => ({ cost: scale(scale(call.size(1), traversal), longestPattern * regularExpression) }),
  }),
];
