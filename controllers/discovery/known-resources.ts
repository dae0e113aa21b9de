import { apiServices, customResourceDefinitions, type ResourceType } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { type Discovered, discoveryFailure, type DiscoveredResource } from "./discovered.ts";
import { createDiscoveryFetch } from "./fetch-discovery.ts";

/** Which resources there are, built in, custom and of aggregated servers: kept true while they come and go. */
export interface KnownResources {
  /** Undefined until the server has been asked for the first time. */
  readonly current: Discovered | undefined;
  /** Whether the server was asked after the last change that is known of. */
  readonly isFresh: boolean;
  /** The resource that a reference means by its group-version and kind, whichever version the group prefers. */
  ofKind(apiVersion: string, kind: string): ResourceType | undefined;
  /** By its name without a version (`deployments.apps`), in the preferred version. */
  preferred(resource: string): DiscoveredResource | undefined;
  /** Is called on every change; at once, where something is known already. */
  onChange(call: (discovered: Discovered) => void): void;
}

/** Milliseconds between two looks: a server behind an APIService may change what it serves without a word. */
const remotePeriod = 30_000;
/** All else tells of its changes. */
const localPeriod = 600_000;
/** The server learns of a new definition at the same time as we do, and a little later serves it. */
const settlingTime = 1_000;

/** What is known of a group-version stays known while it cannot be asked for. */
export function watchResources(
  deps: Pick<ControllerDeps, "transport" | "informers" | "reconciler" | "log">,
): KnownResources {
  const fetch = createDiscoveryFetch(deps.transport);
  const calls: ((discovered: Discovered) => void)[] = [];
  let known: Known | undefined;
  let answered: Discovered | undefined;
  let isFresh = false;
  const services = deps.informers.of(apiServices);
  const reconciler = deps.reconciler({
    name: "discovery",
    workers: 1,
    backoff: { first: 1_000, most: remotePeriod },
    async reconcile() {
      isFresh = true;
      try {
        const discovered = await fetch();
        if (discovered !== answered) {
          answered = discovered;
          known = index(withRetained(discovered, known?.discovered));
          const failure = discoveryFailure(discovered);
          if (failure !== undefined) deps.log.info("some groups cannot be discovered", { failure });
          for (const call of calls) call(known.discovered);
        }
      } catch (thrown) {
        isFresh = false;
        throw thrown;
      }
      const isRemote = [...services.list()].some(({ spec }) => spec?.service !== undefined);
      return { after: isRemote ? remotePeriod : localPeriod };
    },
  });
  const look = (): void => {
    isFresh = false;
    reconciler.add("resources");
    reconciler.addAfter("resources", settlingTime);
  };
  services.on({ added: look, updated: look, deleted: look });
  deps.informers.of(customResourceDefinitions).on({ added: look, updated: look, deleted: look });
  reconciler.add("resources");
  return {
    get current() {
      return known?.discovered;
    },
    get isFresh() {
      return isFresh;
    },
    ofKind: (apiVersion, kind) => known?.byKind.get(`${apiVersion}/${kind}`),
    preferred: (resource) => known?.byName.get(resource),
    onChange(call) {
      calls.push(call);
      if (known !== undefined) call(known.discovered);
    },
  };
}

interface Known {
  readonly discovered: Discovered;
  readonly byKind: ReadonlyMap<string, ResourceType>;
  readonly byName: ReadonlyMap<string, DiscoveredResource>;
}

function withRetained(now: Discovered, before: Discovered | undefined): Discovered {
  if (before === undefined || now.failed.size === 0) return now;
  const retained = before.resources.filter(({ type }) => now.failed.has(type.apiVersion));
  if (retained.length === 0) return now;
  const nameOf = ({ group, type }: DiscoveredResource): string => `${type.plural}.${group}`;
  const preferred = new Set(now.resources.filter(({ isPreferred }) => isPreferred).map(nameOf));
  const kept = retained.map((resource) =>
    preferred.has(nameOf(resource)) ? { ...resource, isPreferred: false } : resource,
  );
  return { ...now, resources: [...now.resources, ...kept] };
}

function index(discovered: Discovered): Known {
  const byKind = new Map<string, ResourceType>();
  const byName = new Map<string, DiscoveredResource>();
  for (const resource of discovered.resources) {
    const { group, type, isPreferred } = resource;
    const kind = `${type.apiVersion}/${type.kind}`;
    // Of two resources of one kind the first is meant, as a kind's own one comes before what borrows its name.
    if (!byKind.has(kind)) byKind.set(kind, type);
    if (isPreferred) byName.set(group === "" ? type.plural : `${type.plural}.${group}`, resource);
  }
  return { discovered, byKind, byName };
}
