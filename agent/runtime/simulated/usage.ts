import type { Container } from "../../../api/generated/types/core-v1.ts";
import { tryQuantity } from "../../../api/machinery/quantity.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Behaviour } from "./behaviour.ts";

/** Of containers that request nothing. */
const idle = { cpuNanoCores: 1_000_000, memoryBytes: 16 * 1024 * 1024 };
/** What a container uses of what it requests, unless a rule says how much. */
const share = { cpu: 0.5, memory: 0.7 };
const pageBytes = 4096;
/** So long it uses the same. */
const steadyMs = 15_000;

/** What a container uses around a time, varied a little: always the same for the same container and time. */
export function usageOf(
  { usage }: Behaviour,
  { id, container, at }: { readonly id: string; readonly container: DeepReadonly<Container>; readonly at: number },
): { readonly cpuNanoCores: number; readonly memoryBytes: number } {
  const { requests, limits } = container.resources ?? {};
  const cpu = usage.cpuNanoCores ?? part(requests?.["cpu"], 1, share.cpu) ?? idle.cpuNanoCores;
  const memory = usage.memoryBytes ?? part(requests?.["memory"], 1e-9, share.memory) ?? idle.memoryBytes;
  const period = Math.floor(at / steadyMs);
  const vary = (what: string): number => 1 + (usage.variation / 100) * noise(`${what}${id}${period}`);
  return {
    cpuNanoCores: Math.round(Math.min(cpu * vary("cpu"), part(limits?.["cpu"], 1, 1) ?? Infinity)),
    memoryBytes: wholePages(Math.min(memory * vary("memory"), part(limits?.["memory"], 1e-9, 1) ?? Infinity)),
  };
}

function wholePages(bytes: number): number {
  return Math.floor(bytes / pageBytes) * pageBytes;
}

function part(text: string | undefined, unit: number, factor: number): number | undefined {
  const quantity = text === undefined ? undefined : tryQuantity(text);
  return quantity === undefined || quantity.nano <= 0n ? undefined : Number(quantity.nano) * unit * factor;
}

/** From -1 to 1, by FNV-1a. */
function noise(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 0x7fffffff - 1;
}
