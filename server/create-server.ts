import { setMaxListeners } from "node:events";
import { withBody } from "../api/with-body.ts";
import type { ApiResponse, Transport, UserInfo } from "../api/wire.ts";
import { realClock } from "../base/clock.ts";
import { startTypeChecking } from "./admission/policy/start-type-checking.ts";
import { createResources, type Resources } from "./create-resources.ts";
import { createDiscovery, type Discovery } from "./discovery/discovery.ts";
import { createOpenApi } from "./discovery/open-api.ts";
import { versionInfo } from "./discovery/version-info.ts";
import { createAggregation, type Aggregation } from "./extensions/aggregation/create-aggregation.ts";
import { apiServices } from "./extensions/aggregation/remote-services.ts";
import { servedGroupVersions } from "./extensions/aggregation/served-group-versions.ts";
import { findLocalApi, servedWith, withLocalApis } from "./extensions/local-apis.ts";
import { createServerMetrics } from "./metrics.ts";
import { defaultRequestTimeout } from "./pipeline/deadline.ts";
import { createServe } from "./pipeline/serve.ts";
import type { Permitted, ResourceTarget } from "./pipeline/stages.ts";
import type { ServerOptions } from "./server-options.ts";
import { openKeySet, tokenIssuing } from "./set-up-account-tokens.ts";
import { setUpAdmission } from "./set-up-admission.ts";
import { setUpFlowControl } from "./set-up-flow-control.ts";
import { setUpIdentity } from "./set-up-identity.ts";
import { dispatch, noSuchResource, type DispatchDeps } from "./verbs/dispatch.ts";

/** The API server without a listener: requests come by `transport`. */
export interface ApiServer {
  readonly transport: Transport;
  /** In process, as a user: enters after authentication; everything else applies. */
  as(user: UserInfo): Transport;
  /**
   * Repairs what a crash may have left behind, and begins what goes on beside requests; once, when there are the objects
   * that every cluster has.
   */
  start(): Promise<void>;
  /** Ends all watches and follows the store no more. */
  close(): Promise<void>;
}

/** The server's own user, when it asks itself. */
const self: UserInfo = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

export function createServer(options: ServerOptions): ApiServer {
  const { clock, random, log, timers = realClock } = options;
  const stopping = new AbortController();
  // Every watch listens.
  setMaxListeners(0, stopping.signal);
  const resources = createResources(options, stopping.signal);
  const { kinds, cache, objects, reader, writer, kindOf } = resources;
  const identity = setUpIdentity(resources, options, stopping.signal);
  resources.admission.push(...setUpAdmission(resources, identity.authorizer, options));
  const { flowControl, fairness } = setUpFlowControl(resources, options);
  const version = versionInfo(process);
  const findKind: DispatchDeps["findKind"] = (group, name, resource) => kinds.find(group, name, resource);
  const metrics = createServerMetrics({
    registry: options.metrics,
    clock: realClock,
    isServed: (group, name, resource) => findKind(group, name, resource) !== undefined,
    inFlight: () => flowControl.current,
    storedObjects: () => cache.counts(),
    gitVersion: version.gitVersion,
  });
  const as =
    (user: UserInfo): Transport =>
    (request) =>
      transport({ ...request, peer: { ...request.peer, user } });
  const aggregation = aggregate(resources, as(self), options);
  const discovery = createDiscovery({
    rows: () => kinds.rows(),
    rowsVersion: () => kinds.version,
    registered: withLocalApis(aggregation, options.localApis ?? []),
    version,
    healthChecks: () => options.healthChecks,
    openApi: createOpenApi(options.openApi, clock, resources.documents, aggregation),
    metrics: () => metrics.answer(),
    serverAddress: options.serverAddress,
    keySet: openKeySet(options),
  });
  const deps: DispatchDeps = {
    authorizer: identity.authorizer,
    rulesOf: identity.rulesOf,
    cache,
    objects,
    reader,
    writer,
    kindOf,
    findKind,
    clock,
    random,
    timers,
    signal: stopping.signal,
    watching: (described) => metrics.longRunning(described),
    components: options.components,
    codecs: resources.codecs,
    scaleKind: resources.scaleKind,
    tokenIssuing: tokenIssuing(options, identity.audiences),
    tokenReviewing: identity,
  };
  const transport = createServe({
    ...identity,
    flowControl,
    deadline: { requestTimeout: options.requestTimeout ?? defaultRequestTimeout, timers },
    observe: metrics.requests,
    auditor: options.auditor,
    random,
    log,
    async dispatch(permitted) {
      const waiting = resources.readyFor(permitted);
      if (waiting !== undefined) await waiting;
      const remote = aggregation.findForPath(permitted.path);
      const found = remote instanceof Promise ? await remote : remote;
      if (found !== undefined) permitted.trail?.passedOn();
      if (found !== undefined) return aggregation.proxy(found, withBody(permitted.request), permitted.user);
      const local = findLocalApi(options.localApis ?? [], permitted.path);
      if (local !== undefined) return local.transport(permitted.request);
      return fairness?.debug(permitted.path) ?? route(permitted, discovery, deps);
    },
  });
  const background: (() => Promise<void>)[] = [];
  /** What has to know the custom kinds: where there are hundreds it takes a while, and requests are answered meanwhile. */
  const startExtensions = async (): Promise<void> => {
    await resources.ready();
    if (stopping.signal.aborted) return;
    background.push(await aggregation.start());
    const resourcesOf = (apiVersion: string, kind: string): ReturnType<typeof kinds.ofKind> =>
      kinds.ofKind(apiVersion, kind);
    background.push(startTypeChecking({ reader, writer, log, timers: realClock, findKind, resourcesOf }));
  };
  return {
    transport,
    as,
    async start() {
      await resources.repair();
      await fairness?.refresh();
      if (fairness !== undefined) background.push(fairness.start());
      const extended = startExtensions().catch((thrown: unknown) =>
        log.error("the custom resources could not be loaded", { error: thrown }),
      );
      background.push(() => extended);
      // At a first start nobody waits for long, and finds everything there.
      if (!(await resources.hasDefinitions())) await extended;
    },
    async close() {
      stopping.abort();
      for (const end of background) await end();
      resources.close();
    },
  };
}

function aggregate(
  { reader, writer, kinds, kindOf, cache }: Resources,
  transport: Transport,
  options: ServerOptions,
): Aggregation {
  const { random, clock, log, rows, frontProxy } = options;
  return createAggregation({
    reader,
    writer,
    transport,
    served: servedWith(servedGroupVersions(kinds, rows), options.localApis ?? []),
    generation() {
      const kind = kindOf(apiServices);
      return kind === undefined ? 0 : cache.loaded(kind)?.revision;
    },
    frontProxy,
    random,
    clock,
    timers: realClock,
    log,
  });
}

async function route(permitted: Permitted, discovery: Discovery, deps: DispatchDeps): Promise<ApiResponse> {
  const { target, request, path } = permitted;
  if (target.type === "resource") return dispatch(permitted as Permitted & { readonly target: ResourceTarget }, deps);
  const answered = discovery.answer(request, path);
  if (answered === undefined) throw noSuchResource();
  return answered;
}
