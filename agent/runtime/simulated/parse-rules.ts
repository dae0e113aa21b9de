import { isObject } from "../../../api/machinery/members.ts";
import { tryQuantity } from "../../../api/machinery/quantity.ts";
import { parseDelay } from "./annotations.ts";
import { type Change, type Delay, none, plain } from "./behaviour.ts";
import type { Match, Rule } from "./rules.ts";

/** All that is wrong with a file of rules, one line for each. */
export class RulesError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "RulesError";
    this.problems = problems;
  }
}

const mostRules = 1000;
const probes = ["liveness", "readiness", "startup"];

/** Reads `{ rules: [...] }` out of YAML or JSON that is parsed already. Throws a RulesError. */
export function parseRules(document: unknown): readonly Rule[] {
  const reader = new Reader();
  const root = reader.object(document, "");
  reader.only(root, ["rules"], "");
  const list = reader.list(root["rules"] ?? [], "rules");
  if (list.length > mostRules) reader.problem("rules", `has more than ${mostRules} entries`);
  const rules = list.map((rule, index) => parseRule(reader, rule, `rules[${index}]`));
  if (reader.problems.length > 0) throw new RulesError(reader.problems);
  return rules;
}

function parseRule(reader: Reader, value: unknown, at: string): Rule {
  const rule = reader.object(value, at);
  reader.only(rule, ["match", "pull", "start", "ready", "exit", "unhealthy", "stop", "usage", "log"], at);
  const part = <T>(name: keyof Change, parse: (section: Section) => T): { readonly [key: string]: T } | undefined => {
    if (!Object.hasOwn(rule, name)) return undefined;
    return { [name]: parse(new Section(reader, rule[name], `${at}.${name}`)) };
  };
  const change: Change = {
    ...part("pull", (section) => failing(section)),
    ...part("start", (section) => failing(section)),
    ...part("ready", (section) => ({ delay: section.only("delay").delay("delay") ?? none })),
    ...(rule["exit"] === "never" ? { exit: undefined } : part("exit", parseExit)),
    ...part("unhealthy", parseUnhealthy),
    ...part("stop", (section) => {
      section.only("delay", "code");
      return { delay: section.delay("delay") ?? none, code: section.integer("code", 255) ?? 0 };
    }),
    ...part("usage", parseUsage),
    ...part("log", parseLog),
  };
  return { match: parseMatch(reader, rule["match"] ?? {}, `${at}.match`), change };
}

function parseMatch(reader: Reader, value: unknown, at: string): Match {
  const match = reader.object(value, at);
  reader.only(match, ["node", "namespace", "pod", "labels", "container", "image"], at);
  const labels = reader.object(match["labels"] ?? {}, `${at}.labels`);
  const texts = ["node", "namespace", "pod", "container", "image"].flatMap((name) => {
    const text = match[name];
    if (text === undefined) return [];
    if (typeof text === "string" && text !== "") return [[name, text] as const];
    reader.problem(`${at}.${name}`, "must be a text");
    return [];
  });
  for (const [key, label] of Object.entries(labels))
    if (typeof label !== "string") reader.problem(`${at}.labels[${key}]`, "must be a text");
  return {
    ...Object.fromEntries(texts),
    labels: Object.fromEntries(Object.entries(labels).map(([key, label]) => [key, String(label)])),
  };
}

function failing(section: Section): { delay: Delay; error?: string } {
  section.only("delay", "error");
  const error = section.text("error");
  return { delay: section.delay("delay") ?? none, ...(error === undefined ? {} : { error }) };
}

function parseExit(section: Section): Change["exit"] {
  section.only("after", "code", "reason", "message");
  const reason = section.text("reason");
  const message = section.text("message");
  return {
    after: section.delay("after") ?? none,
    code: section.integer("code", 255) ?? 0,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function parseUnhealthy(section: Section): Change["unhealthy"] & {} {
  section.only("after", "for", "probes");
  const lasting = section.delay("for");
  const which = section.texts("probes") ?? probes;
  if (which.some((one) => !probes.includes(one))) section.problem("probes", `may have ${probes.join(", ")}`);
  return {
    after: section.delay("after")?.ms ?? 0,
    ...(lasting === undefined ? {} : { for: lasting.ms }),
    probes: which,
  };
}

function parseUsage(section: Section): Change["usage"] & {} {
  section.only("cpu", "memory", "variation");
  const cpu = section.quantity("cpu");
  const memory = section.quantity("memory");
  return {
    variation: section.integer("variation", 100) ?? plain.usage.variation,
    ...(cpu === undefined ? {} : { cpuNanoCores: Number(cpu) }),
    ...(memory === undefined ? {} : { memoryBytes: Number(memory / 1_000_000_000n) }),
  };
}

function parseLog(section: Section): Change["log"] & {} {
  section.only("lines", "every", "line");
  const lines = section.texts("lines");
  const every = section.delay("every");
  if (every !== undefined && every.ms < 1) section.problem("every", "must be above zero");
  return {
    ...(lines === undefined ? {} : { lines }),
    ...(every === undefined ? {} : { every: { ms: Math.max(every.ms, 1), line: section.text("line") ?? "" } }),
  };
}

/** Keeps what is wrong and goes on, so that all of it is told at once. */
class Reader {
  readonly problems: string[] = [];

  problem(at: string, what: string): void {
    if (this.problems.length < 100) this.problems.push(`${at === "" ? "the file" : at}: ${what}`);
  }

  object(value: unknown, at: string): Readonly<Record<string, unknown>> {
    if (isObject(value)) return value;
    this.problem(at, "must be an object");
    return {};
  }

  list(value: unknown, at: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.problem(at, "must be a list");
    return [];
  }

  only(object: Readonly<Record<string, unknown>>, names: readonly string[], at: string): void {
    for (const key of Object.keys(object))
      if (!names.includes(key))
        this.problem(`${at}${at === "" ? "" : "."}${key}`, `unknown field; known are ${names.join(", ")}`);
  }
}

/** One object of a rule, whose members are read by what they must be. */
class Section {
  readonly #reader: Reader;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #at: string;

  constructor(reader: Reader, value: unknown, at: string) {
    this.#reader = reader;
    this.#object = reader.object(value, at);
    this.#at = at;
  }

  problem(name: string, what: string): void {
    this.#reader.problem(`${this.#at}.${name}`, what);
  }

  only(...names: readonly string[]): this {
    this.#reader.only(this.#object, names, this.#at);
    return this;
  }

  text(name: string): string | undefined {
    return this.#read(name, (value) => (typeof value === "string" ? value : undefined), "must be a text");
  }

  texts(name: string): readonly string[] | undefined {
    const isTexts = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.length <= 1000 && value.every((one) => typeof one === "string");
    return this.#read(name, (value) => (isTexts(value) ? value : undefined), "must be a list of texts");
  }

  delay(name: string): Delay | undefined {
    const parse = (value: unknown): Delay | undefined => (typeof value === "string" ? parseDelay(value) : undefined);
    return this.#read(name, parse, "must be a duration such as 500ms, 5s or 1s-3s");
  }

  integer(name: string, most: number): number | undefined {
    const parse = (value: unknown): number | undefined =>
      typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;
    return this.#read(name, parse, `must be a whole number from 0 to ${most}`);
  }

  quantity(name: string): bigint | undefined {
    const parse = (value: unknown): bigint | undefined => {
      const nano =
        typeof value === "string" || typeof value === "number" ? tryQuantity(String(value))?.nano : undefined;
      return nano !== undefined && nano >= 0n ? nano : undefined;
    };
    return this.#read(name, parse, "must be a quantity such as 250m or 64Mi");
  }

  #read<T>(name: string, parse: (value: unknown) => T | undefined, must: string): T | undefined {
    if (!Object.hasOwn(this.#object, name)) return undefined;
    const value = parse(this.#object[name]);
    if (value === undefined) this.problem(name, must);
    return value;
  }
}
