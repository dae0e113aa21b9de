import type { JsonObject } from "../../../api/machinery/object.ts";
import type { AskDeps } from "./ask-remote.ts";
import { discoverRemote, type RemoteGroupVersion } from "./remote-discovery.ts";
import { openApiOf, openApiV2Of, type RemoteOpenApi } from "./remote-open-api.ts";
import type { RemoteService, RemoteServices } from "./remote-services.ts";

/** What remote servers say of themselves. */
export interface RemoteDocuments {
  discovery(): Promise<readonly RemoteGroupVersion[]>;
  openApiV3(): Promise<readonly RemoteOpenApi[]>;
  openApiV2(): Promise<readonly JsonObject[]>;
}

/** Upstream asks again each minute. */
const freshMs = 60_000;

/** Asked for when somebody wants to know, and kept until an APIService changes or the time is over. */
export function createRemoteDocuments(deps: AskDeps & { readonly remote: RemoteServices }): RemoteDocuments {
  return {
    discovery: kept(deps, (remote) => discoverRemote(remote, deps)),
    openApiV3: kept(deps, (remote) => openApiOf(remote, deps)),
    openApiV2: kept(deps, (remote) => openApiV2Of(remote, deps)),
  };
}

interface Kept<T> {
  readonly generation: number;
  readonly until: number;
  readonly documents: Promise<readonly T[]>;
}

function kept<T>(
  { remote, timers }: AskDeps & { readonly remote: RemoteServices },
  ask: (one: RemoteService) => Promise<T | undefined>,
): () => Promise<readonly T[]> {
  let last: Kept<T> | undefined;
  return async () => {
    const services = await remote.all();
    if (services.length === 0) return [];
    const generation = await remote.generation();
    if (last === undefined || last.generation !== generation || last.until <= timers.now())
      last = { generation, until: timers.now() + freshMs, documents: askAll(services, ask) };
    return last.documents;
  };
}

async function askAll<T>(
  services: readonly RemoteService[],
  ask: (one: RemoteService) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const answers = await Promise.all(services.map(ask));
  return answers.filter((one) => one !== undefined);
}
