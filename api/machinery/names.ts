/**
 * The rules for names. Each answers what is wrong with a value, in upstream's words; nothing when all is well.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export type Problems = readonly string[];

const none: Problems = [];

export function maxLength(length: number): string {
  return `must be no more than ${length} characters`;
}

export function inclusiveRange(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

export const mustNotBeEmpty = "must be non-empty";

interface Pattern {
  readonly source: string;
  readonly whole: RegExp;
  readonly problem: string;
}

function pattern(source: string, message: string, examples: readonly string[]): Pattern {
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return {
    source,
    whole: new RegExp(`^${source}$`),
    problem: `${message} (e.g. ${shown}regex used for validation is '${source}')`,
  };
}

const label = pattern(
  "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ["my-name", "123-abc"],
);
const subdomain = pattern(
  `${label.source}(\\.${label.source})*`,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ["example.com"],
);
const underscoreLabel = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const underscoreSubdomain = pattern(
  `${underscoreLabel}(\\.${underscoreLabel})*`,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  ["example.com"],
);
const wildcard = pattern(
  `\\*\\.${subdomain.source}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  ["*.example.com"],
);
const label1035 = pattern(
  "[a-z]([-a-z0-9]*[a-z0-9])?",
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ["my-name", "abc-123"],
);
const keyName = pattern(
  "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ["MyName", "my.name", "123-abc"],
);
const valueOfLabel = pattern(
  `(${keyName.source})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ["MyValue", "my_value", "12345"],
);
const identifier = pattern(
  "[A-Za-z_][A-Za-z0-9_]*",
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  ["my_name", "MY_NAME", "MyName"],
);
const configKey = pattern(
  "[-._a-zA-Z0-9]+",
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  ["key.name", "KEY_NAME", "key-name"],
);
const headerName = pattern("[-A-Za-z0-9]+", "a valid HTTP header must consist of alphanumeric characters or '-'", [
  "X-Header-Name",
]);
const percentage = pattern("[0-9]+%", "a valid percent string must be a numeric string followed by an ending '%'", [
  "1%",
  "93%",
]);

function check(value: string, rule: Pattern, longest: number): Problems {
  const fits = value.length <= longest && rule.whole.test(value);
  if (fits) return none;
  const problems: string[] = [];
  if (Buffer.byteLength(value) > longest) problems.push(maxLength(longest));
  if (!rule.whole.test(value)) problems.push(rule.problem);
  return problems;
}

export function dnsSubdomain(value: string): Problems {
  return check(value, subdomain, 253);
}

export function dnsSubdomainWithUnderscore(value: string): Problems {
  return check(value, underscoreSubdomain, 253);
}

export function wildcardDnsSubdomain(value: string): Problems {
  return check(value, wildcard, 253);
}

export function dnsLabel(value: string): Problems {
  const problems = check(value, label, 63);
  if (problems.length === 0 || label.whole.test(value) || !subdomain.whole.test(value)) return problems;
  // What is a subdomain but no label has dots: the shorter message says so.
  return [...problems.slice(0, -1), "must not contain dots"];
}

export function dns1035Label(value: string): Problems {
  return check(value, label1035, 63);
}

/** Objects whose name is only a part of a URL's path, such as RBAC's. */
export function pathSegment(value: string): Problems {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return pathSegmentPrefix(value);
}

function pathSegmentPrefix(value: string): Problems {
  return ["/", "%"].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A label key, alias qualified name: `[prefix/]name`. */
export function labelKey(value: string): Problems {
  if (value.length <= 63 && keyName.whole.test(value)) return none;
  const parts = value.split("/");
  if (parts.length > 2) {
    return [
      `a valid label key ${keyName.problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  const name = parts.at(-1) ?? "";
  if (parts.length === 2) problems.push(...keyPrefix(parts[0] ?? ""));
  if (name === "") problems.push(`name part ${mustNotBeEmpty}`);
  else if (Buffer.byteLength(name) > 63) problems.push(`name part ${maxLength(63)}`);
  if (!keyName.whole.test(name)) problems.push(`name part ${keyName.problem}`);
  return problems;
}

function keyPrefix(prefix: string): Problems {
  if (prefix === "") return [`prefix part ${mustNotBeEmpty}`];
  return dnsSubdomain(prefix).map((problem) => `prefix part ${problem}`);
}

export function labelValue(value: string): Problems {
  return check(value, valueOfLabel, 63);
}

/** An IANA service name (RFC 6335), lower case only: names of container and service ports. */
export function portName(value: string): Problems {
  const problems: string[] = [];
  if (Buffer.byteLength(value) > 15) problems.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(value))
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) problems.push("must contain at least one letter (a-z)");
  if (value.includes("--")) problems.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
}

export function portNumber(value: number): Problems {
  return value >= 1 && value <= 65535 ? none : [inclusiveRange(1, 65535)];
}

export function cIdentifier(value: string): Problems {
  return check(value, identifier, Infinity);
}

export function percent(value: string): Problems {
  return check(value, percentage, Infinity);
}

export function httpHeaderName(value: string): Problems {
  return check(value, headerName, Infinity);
}

/** A key of a ConfigMap or a Secret: it becomes a file's name. */
export function configMapKey(value: string): Problems {
  return [...check(value, configKey, 253), ...climbs(value)];
}

/** Names of environment variables since v1.34: any printable ASCII but `=`. */
export function envVarName(value: string): Problems {
  if (value === "") return [`environment variable name ${mustNotBeEmpty}`];
  if (/^[ -<>-~]+$/.test(value)) return none;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

function climbs(value: string): Problems {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : none;
}
