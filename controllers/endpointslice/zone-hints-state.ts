import type { Node } from "../../api/generated/types/core-v1.ts";
import type { IpFamily } from "../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import type { Informer } from "../../client/informer.ts";
import { type HintCounts, isOverloaded, withZoneShares } from "./zone-hints.ts";
import type { SliceChanges } from "./plan.ts";
import { type ZoneShares, zoneSharesOf } from "./zone-shares.ts";

interface Told {
  readonly changes: SliceChanges;
  readonly event?: ObjectEvent;
}

/** Which services have hints by shares of zones, and whether these still fit the nodes. */
export class ZoneHintsState {
  readonly #nodes: Informer<Node>;
  readonly #services = new Map<string, Map<IpFamily, HintCounts>>();
  /** Absent: to be computed anew. */
  #shares: { readonly value: ZoneShares | undefined } | undefined;

  /** `changed` is called when the shares may be others. */
  constructor(nodes: Informer<Node>, changed: () => void) {
    this.#nodes = nodes;
    const forget = (): void => {
      this.#shares = undefined;
      if (this.#services.size > 0) changed();
    };
    nodes.on({
      added: forget,
      updated: (node, old) => {
        if (isNodeReady(node) !== isNodeReady(old) || zoneOf(node) !== zoneOf(old)) forget();
      },
      deleted: forget,
    });
  }

  /** Gives hints; tells when a service has them from now on, or cannot have them. */
  apply(key: string, family: IpFamily, changes: SliceChanges): Told {
    const result = withZoneShares(changes, this.#zoneShares());
    if ("refusal" in result) {
      this.#remove(key, family);
      return { changes: result.changes, event: disabled(result.refusal, family) };
    }
    const families = this.#services.get(key);
    this.#services.set(key, new Map(families).set(family, result.counts));
    if (families !== undefined) return { changes: result.changes };
    const message = `Topology Aware Hints has been enabled, addressType: ${family}`;
    return { changes: result.changes, event: { type: "Normal", reason: "TopologyAwareHintsEnabled", message } };
  }

  /** The service no longer wants them; tells of it where it had some. */
  drop(key: string, family: IpFamily): ObjectEvent | undefined {
    return this.#remove(key, family) ? disabled("Topology Aware Hints has been disabled", family) : undefined;
  }

  forget(key: string): void {
    this.#services.delete(key);
  }

  /** Services with a zone that has fewer endpoints than it should have by now. */
  overloaded(): string[] {
    const shares = this.#zoneShares();
    return [...this.#services]
      .filter(([, families]) => [...families.values()].some((counts) => isOverloaded(counts, shares)))
      .map(([key]) => key);
  }

  #zoneShares(): ZoneShares | undefined {
    this.#shares ??= { value: zoneSharesOf(this.#nodes.list()) };
    return this.#shares.value;
  }

  #remove(key: string, family: IpFamily): boolean {
    const families = this.#services.get(key);
    if (families?.delete(family) !== true) return false;
    if (families.size === 0) this.#services.delete(key);
    return true;
  }
}

function disabled(why: string, family: IpFamily): ObjectEvent {
  return { type: "Warning", reason: "TopologyAwareHintsDisabled", message: `${why}, addressType: ${family}` };
}

function isNodeReady({ status }: DeepReadonly<Node>): boolean {
  return status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
}

function zoneOf({ metadata }: DeepReadonly<Node>): string | undefined {
  return metadata?.labels?.["topology.kubernetes.io/zone"];
}
