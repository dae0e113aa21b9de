/** CEL expressions that select devices. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import type { CelField, CelInput, CelProgram, CelType } from "../../../../api/cel/cel.ts";
import { createCelEnvironment } from "../../../../api/cel/environment.ts";
import type { DeviceAttribute } from "../../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../../api/machinery/object.ts";
import type { PoolDevice } from "./device-pools.ts";

export interface DeviceSelectors {
  /** Throws CelError for an expression that cannot be compiled, or fails for this device. */
  matches(expression: string, device: PoolDevice): boolean;
}

const text: CelType = { type: "string" };
const dyn: CelType = { type: "dyn" };
const quantity: CelType = { type: "opaque", name: "kubernetes.Quantity" };
const byDomain = (of: CelType): CelType => ({ type: "map", of: { type: "map", of } });
const fields: ReadonlyMap<string, CelField> = new Map([
  ["driver", { type: text, jsonName: "driver" }],
  ["attributes", { type: byDomain(dyn), jsonName: "attributes" }],
  ["capacity", { type: byDomain(quantity), jsonName: "capacity" }],
  ["allowMultipleAllocations", { type: { type: "bool" }, jsonName: "allowMultipleAllocations" }],
]);
const deviceType: CelType = {
  type: "object",
  of: { name: "kubernetes.DRADevice", field: (name) => fields.get(name) },
};

/** Of one expression on one device, as upstream has it. */
const costLimit = 1_000_000n;
const mostPrograms = 200;

interface Program {
  readonly compiled: CelProgram;
  /** Texts in it, some of which are domains: one that the device does not have is an empty map. */
  readonly texts: readonly string[];
}

export function createDeviceSelectors(): DeviceSelectors {
  const environment = createCelEnvironment({ variables: { device: deviceType } });
  const read = createValueReader();
  const programs = new Map<string, Program>();
  const inputs = new WeakMap<PoolDevice["device"], DeviceInput>();
  const programOf = (expression: string): Program => {
    const known = programs.get(expression);
    if (known !== undefined) return known;
    const compiled = environment.compile(expression, { returns: [{ type: "bool" }] });
    const texts = [...expression.matchAll(/"([^"\\]*)"|'([^'\\]*)'/g)].map(([, a, b]) => a ?? b ?? "");
    if (programs.size >= mostPrograms) programs.clear();
    programs.set(expression, { compiled, texts });
    return { compiled, texts };
  };
  return {
    matches(expression, device) {
      const { compiled, texts } = programOf(expression);
      let input = inputs.get(device.device);
      if (input === undefined) inputs.set(device.device, (input = inputOf(device, read)));
      const shown = {
        ...input,
        attributes: withDomains(input.attributes, texts),
        capacity: withDomains(input.capacity, texts),
      };
      return compiled.evaluate({ device: shown }, { remaining: costLimit }) === true;
    },
  };
}

type ByDomain = Readonly<Record<string, Readonly<Record<string, CelInput>>>>;

interface DeviceInput {
  readonly driver: string;
  readonly attributes: ByDomain;
  readonly capacity: ByDomain;
  readonly allowMultipleAllocations: boolean;
}

function inputOf({ driver, device }: PoolDevice, read: ValueReader): DeviceInput {
  const group = <T>(members: Readonly<Record<string, T>> | undefined, valueOf: (member: T) => CelInput): ByDomain => {
    const domains = new Map<string, [string, CelInput][]>();
    for (const [name, member] of Object.entries(members ?? {})) {
      const [domain, id] = domainOf(name, driver);
      const entries = domains.get(domain);
      if (entries === undefined) domains.set(domain, [[id, valueOf(member)]]);
      else entries.push([id, valueOf(member)]);
    }
    return Object.fromEntries([...domains].map(([domain, entries]) => [domain, Object.fromEntries(entries)]));
  };
  return {
    driver,
    attributes: group(device.attributes, (attribute) => attributeValue(attribute, read)),
    capacity: group(device.capacity, ({ value }) => read.quantity(value)),
    allowMultipleAllocations: device.allowMultipleAllocations === true,
  };
}

/** Names without a domain are of the driver's. */
export function domainOf(name: string, driver: string): readonly [domain: string, id: string] {
  const slash = name.indexOf("/");
  return slash < 0 ? [driver, name] : [name.slice(0, slash), name.slice(slash + 1)];
}

function attributeValue({ int, bool, string, version }: DeepReadonly<DeviceAttribute>, read: ValueReader): CelInput {
  return int ?? bool ?? string ?? (version === undefined ? null : read.version(version));
}

function withDomains(known: ByDomain, texts: readonly string[]): ByDomain {
  const missing = texts.filter((domain) => !Object.hasOwn(known, domain));
  if (missing.length === 0) return known;
  return { ...known, ...Object.fromEntries(missing.map((domain) => [domain, {}])) };
}

interface ValueReader {
  quantity(text: string): CelInput;
  version(text: string): CelInput;
}

/** Values of types that only expressions can make. */
function createValueReader(): ValueReader {
  const environment = createCelEnvironment({ variables: { text } });
  const reader = (expression: string): ((value: string) => CelInput) => {
    const program = environment.compile(expression);
    return (value) => asInput(program.evaluate({ text: value }, { remaining: costLimit }));
  };
  return { quantity: reader("quantity(text)"), version: reader("semver(text)") };
}

function asInput(value: unknown): CelInput {
  return typeof value === "object" && value !== null ? value : undefined;
}
