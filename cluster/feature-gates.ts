import facts from "../api/facts/feature-gates.json" with { type: "json" };
import { readAssignments, readBoolean } from "./assignments.ts";
import { OptionError } from "./option-error.ts";

const flag = "--feature-gates";

/** Gates that stand for all gates of a stage; both are off by default. */
const stageGates: readonly string[] = ["AllAlpha", "AllBeta"];

/**
 * Takes upstream's names, `A=true,B=false`. What a gate guards is here as it is by default, so asking for the default
 * is honoured, and anything else is refused by name rather than ignored.
 */
export function requireFeatureGates(text: string): void {
  for (const [name, value] of readAssignments(flag, text)) {
    const wanted = readBoolean(value);
    if (wanted === undefined) throw new OptionError(`${flag}: ${name}=${value} is not true or false`);
    const isOn = defaultOf(name);
    if (isOn === undefined) {
      throw new OptionError(`${flag}: Kubernetes v${facts.kubernetes} has no feature gate ${name}; check the name`);
    }
    if (wanted !== isOn) {
      throw new OptionError(`${flag}: ${name} is always ${isOn ? "on" : "off"} here; leave out ${name}=${value}`);
    }
  }
}

function defaultOf(name: string): boolean | undefined {
  if (stageGates.includes(name)) return false;
  const gates: Readonly<Record<string, readonly unknown[]>> = facts.gates;
  return Object.hasOwn(gates, name) ? gates[name]?.[0] === true : undefined;
}
