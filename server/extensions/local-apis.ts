import type { APIResourceDiscovery } from "../../api/generated/types/apidiscovery-v2.ts";
import type { Transport } from "../../api/wire.ts";
import type { Registered, Registration, RemoteGroupVersion } from "../discovery/registered.ts";
import type { LocalGroupVersion } from "./aggregation/local-plan.ts";

/**
 * A group-version that this process answers, but not out of the store: metrics. An APIService that names a Service takes
 * its place, as with any other.
 */
export interface LocalApi {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly APIResourceDiscovery[];
  /** Asked for everything below `/apis/{group}/{version}`, by users who may. */
  readonly transport: Transport;
}

/** As metrics-server registers itself. */
const priority = 100;

/** Of a path that such an API answers. */
export function findLocalApi(apis: readonly LocalApi[], path: string): LocalApi | undefined {
  return apis.find(({ group, version }) => {
    const root = `/apis/${group}/${version}`;
    return path === root || path.startsWith(`${root}/`);
  });
}

/** Discovery shows them as it shows those of remote servers. */
export function withLocalApis(
  registered: Registered,
  apis: readonly LocalApi[],
): Pick<Registered, "registrations" | "discovery"> {
  if (apis.length === 0) return registered;
  const isReplaced = (api: LocalApi): boolean =>
    registered.registrations().some((one) => isSame(one, api) && one.isRemote);
  const registrations = keptFor((found: readonly Registration[]) => [
    ...found.filter((one) => one.isRemote || !apis.some((api) => isSame(one, api))),
    ...apis
      .filter((api) => !isReplaced(api))
      .map((api): Registration => {
        const own = found.find((one) => isSame(one, api));
        const { groupPriority = priority, versionPriority = priority } = own ?? {};
        return { group: api.group, version: api.version, isRemote: true, groupPriority, versionPriority };
      }),
  ]);
  const discovery = keptFor((found: readonly RemoteGroupVersion[]) => [
    ...found,
    ...apis
      .filter((api) => !isReplaced(api))
      .map((api): RemoteGroupVersion => {
        const { group, version, resources } = api;
        return { group, version, resources, freshness: "Current" };
      }),
  ]);
  return {
    registrations: () => registrations(registered.registrations()),
    discovery: async () => discovery(await registered.discovery()),
  };
}

/** What a server serves itself, these included. */
export function servedWith(
  served: () => readonly LocalGroupVersion[],
  apis: readonly LocalApi[],
): () => readonly LocalGroupVersion[] {
  const all = keptFor((found: readonly LocalGroupVersion[]) => [
    ...found,
    ...apis.map(({ group, version }) => ({ group, version, isCustom: false })),
  ]);
  return () => all(served());
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

function isSame(left: GroupVersion, right: GroupVersion): boolean {
  return left.group === right.group && left.version === right.version;
}

/** The same answer as long as it is asked of the same thing. */
function keptFor<In extends object, Out>(make: (from: In) => Out): (from: In) => Out {
  let kept: { readonly from: In; readonly made: Out } | undefined;
  return (from) => {
    if (kept?.from !== from) kept = { from, made: make(from) };
    return kept.made;
  };
}
