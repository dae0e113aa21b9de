import type { Lease } from "../../api/generated/types/coordination-v1.ts";
import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Lister } from "../../client/lister.ts";
import { nodes as nodeType } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { type Health, isSilent, observe, silentConditions } from "./node-health.ts";
import { missingTaint, readiness } from "./node-taints.ts";
import { ObservedTime } from "./observed-time.ts";
import { type Disruption, disruptionOf, type Zone, zoneOf, type ZoneState } from "./zones.ts";

type AnyNode = DeepReadonly<Node>;

export interface MonitorDeps extends Pick<ControllerDeps, "client" | "clock" | "events" | "log" | "config"> {
  readonly nodes: Lister<Node>;
  readonly leases: Lister<Lease>;
}

/** What a look at all nodes has shown. */
export interface Findings {
  readonly disruption: Disruption;
  /** By zone, the nodes that should get a taint that evicts, when it is their turn. */
  readonly tainting: ReadonlyMap<string, readonly string[]>;
}

/** Nodes excepted from the count of a zone's nodes, as their absence says nothing of the zone. */
const excludedLabel = "node.kubernetes.io/exclude-disruption";
const leaseNamespace = "kube-node-lease";
/** So many writes at once. */
const writers = 8;

/**
 * Looks at all nodes, again and again: a look costs a few comparisons per node, and writes only where a node has fallen
 * silent. https://kubernetes.io/docs/concepts/architecture/nodes/#heartbeats
 */
export class Monitor {
  readonly #deps: MonitorDeps;
  readonly #time: ObservedTime;
  readonly #known = new Map<string, AnyNode>();
  readonly #health = new Map<string, Health>();
  #states: ReadonlyMap<string, ZoneState> = new Map();

  constructor(deps: MonitorDeps) {
    this.#deps = deps;
    this.#time = new ObservedTime(2 * deps.config.nodeMonitorPeriodMs);
  }

  async look(): Promise<Findings> {
    const { nodes, clock } = this.#deps;
    const observed = this.#time.look(clock.now());
    this.#register();
    const silent = [...nodes.list()].filter((node) => this.#isSilent(node, observed));
    const failed = await this.#markSilent(silent);
    const zones = new Map<string, Zone>();
    const tainting = new Map<string, string[]>();
    for (const node of nodes.list()) {
      if (failed.has(nameOf(node))) continue;
      count(zones, node);
      if (missingTaint(node) !== undefined) list(tainting, zoneOf(node)).push(nameOf(node));
    }
    const disruption = disruptionOf(this.#states, zones);
    this.#states = disruption.states;
    if (disruption.turn === "found some") this.#forgive(observed);
    return { disruption, tainting };
  }

  /** Tells of nodes that came and went. */
  #register(): void {
    const { nodes, events } = this.#deps;
    const tell = (node: AnyNode, reason: string, what: string): void =>
      events.event(node, { type: "Normal", reason, message: `Node ${nameOf(node)} event: ${what}` });
    let found = 0;
    for (const node of nodes.list()) {
      const name = nameOf(node);
      if (this.#known.has(name)) found += 1;
      else tell(node, "RegisteredNode", `Registered Node ${name} in Controller`);
      this.#known.set(name, node);
    }
    if (found === this.#known.size) return;
    for (const [name, node] of this.#known) {
      if (nodes.get(name) !== undefined) continue;
      tell(node, "RemovingNode", `Removing Node ${name} from Controller`);
      this.#known.delete(name);
      this.#health.delete(name);
    }
  }

  #isSilent(node: AnyNode, observed: number): boolean {
    const { leases, clock, config } = this.#deps;
    const name = nameOf(node);
    const renewTime = leases.get(`${leaseNamespace}/${name}`)?.spec?.renewTime;
    const health = observe(this.#health.get(name), { node, renewTime, observed, now: clock.now() });
    this.#health.set(name, health);
    return isSilent(health, observed, config.nodeMonitorGraceMs);
  }

  /** Answers with the nodes that it could not be written of: the next look tries again. */
  async #markSilent(silent: readonly AnyNode[]): Promise<ReadonlySet<string>> {
    const { clock, log } = this.#deps;
    const failed = new Set<string>();
    const left = silent.values();
    const work = async (): Promise<void> => {
      for (const node of left) {
        const conditions = silentConditions(node, clock.now());
        if (conditions === undefined) continue;
        try {
          await this.#write(node, conditions);
        } catch (thrown) {
          failed.add(nameOf(node));
          const isEveryday = thrown instanceof ApiError && (thrown.code === 404 || thrown.code === 409);
          const about = { node: nameOf(node), error: thrown };
          log[isEveryday ? "debug" : "warn"]("the status of a silent node could not be written", about);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(writers, silent.length) }, work));
    return failed;
  }

  async #write(node: AnyNode, conditions: NonNullable<NonNullable<AnyNode["status"]>["conditions"]>): Promise<void> {
    const { client, events } = this.#deps;
    const name = nameOf(node);
    await client.update(nodeType, { ...node, status: { ...node.status, conditions } }, "status");
    // What the controller has written itself is no sign of life.
    const heartbeat = conditions.find(({ type }) => type === "Ready")?.lastHeartbeatTime ?? "";
    const health = this.#health.get(name);
    if (health !== undefined) this.#health.set(name, { ...health, heartbeat });
    if (readiness(node) !== "True") return;
    const message = `Node ${name} status is now: NodeNotReady`;
    events.event(node, { type: "Normal", reason: "NodeNotReady", message });
  }

  /** Nodes get their whole time again: that they were silent when all were was not their fault. */
  #forgive(observed: number): void {
    for (const [name, health] of this.#health) this.#health.set(name, { ...health, seenAt: observed });
  }
}

function nameOf({ metadata }: AnyNode): string {
  return metadata?.name ?? "";
}

function count(zones: Map<string, Zone>, node: AnyNode): void {
  if (Object.hasOwn(node.metadata?.labels ?? {}, excludedLabel)) return;
  const zone = zoneOf(node);
  const { ready, notReady } = zones.get(zone) ?? { ready: 0, notReady: 0 };
  const isReady = readiness(node) === "True";
  zones.set(zone, { ready: ready + (isReady ? 1 : 0), notReady: notReady + (isReady ? 0 : 1) });
}

function list(lists: Map<string, string[]>, key: string): string[] {
  const found = lists.get(key) ?? [];
  lists.set(key, found);
  return found;
}
