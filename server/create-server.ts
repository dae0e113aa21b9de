import { setMaxListeners } from "node:events";
import type { Registry } from "prom-client";
import { anonymous } from "../auth/authn/anonymous.ts";
import { clientCertificate } from "../auth/authn/client-certificate.ts";
import { privilegedGroup } from "../auth/authz/privileged-group.ts";
import { publicPaths } from "../auth/authz/public-paths.ts";
import type { CelEnvironmentFactory } from "../api/schema/structural/rule-program.ts";
import { qualified } from "../api/machinery/status.ts";
import type { ResourceRow } from "../api/resource.ts";
import type { Schemas } from "../api/schema/schema.ts";
import type { ApiResponse, Transport, UserInfo } from "../api/wire.ts";
import { realClock, type Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Credential } from "../certs/credential.ts";
import type { Store } from "../storage/store.ts";
import { createServiceAllocation, type ServiceOptions } from "./allocation/create-service-allocation.ts";
import type { Attributes, Authorizer, Decision } from "../auth/authz/authorizer.ts";
import { createCelEnvironment } from "../api/cel/environment.ts";
import { createAdmissionChain, type AdmissionOptions } from "./admission/create-chain.ts";
import { authorizerVariables, requestVariables } from "./admission/match-environment.ts";
import type { OwnerResource } from "./admission/owner-references-permission-enforcement.ts";
import type { AdmissionPlugin } from "./admission/plugin.ts";
import { startTypeChecking } from "./admission/policy/start-type-checking.ts";
import { decide } from "./pipeline/authorize.ts";
import { internalWrite } from "./strategy/write-request.ts";
import { createCodecs } from "./codecs.ts";
import { createDiscovery, type Discovery } from "./discovery/discovery.ts";
import type { HealthCheck } from "./discovery/health.ts";
import { createOpenApi } from "./discovery/open-api.ts";
import type { ReadOpenApi } from "./discovery/read-open-api.ts";
import { versionInfo } from "./discovery/version-info.ts";
import { createKind, type Kind } from "./encoding/kind.ts";
import { createAggregation } from "./extensions/aggregation/create-aggregation.ts";
import { apiServices } from "./extensions/aggregation/remote-services.ts";
import { servedGroupVersions } from "./extensions/aggregation/served-group-versions.ts";
import { checkedDefinitions } from "./extensions/custom-resources/checked-definitions.ts";
import {
  createCustomResources,
  type CustomResourcesParts,
} from "./extensions/custom-resources/create-custom-resources.ts";
import { Kinds } from "./kinds.ts";
import { createFlowControl } from "./flow-control/create-flow-control.ts";
import { createInFlightLimit, defaultInFlight, type InFlightLimits } from "./flow-control/in-flight-limit.ts";
import { createServerMetrics } from "./metrics.ts";
import { defaultRequestTimeout } from "./pipeline/deadline.ts";
import { createServe } from "./pipeline/serve.ts";
import type { Permitted, ResourceTarget } from "./pipeline/stages.ts";
import type { Allocation } from "./strategy/allocation.ts";
import { Objects } from "./strategy/objects.ts";
import { createObjectReader } from "./strategy/read-objects.ts";
import { createObjectWriter } from "./strategy/write-status.ts";
import type { ComponentCheck } from "./verbs/component-statuses.ts";
import { dispatch, noSuchResource, type DispatchDeps } from "./verbs/dispatch.ts";
import { Cache } from "./watch-cache/cache.ts";
import type { ResourceCache } from "./watch-cache/resource-cache.ts";
import { createWebhookClient } from "./webhook/create-webhook-client.ts";

export interface ServerOptions {
  readonly store: Store;
  /** The resources that are served; a disabled one is left out. */
  readonly rows: readonly ResourceRow[];
  readonly schemas: Schemas;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly services: ServiceOptions;
  readonly openApi: ReadOpenApi;
  readonly healthChecks: readonly HealthCheck[];
  /** What `componentstatuses` tells of. */
  readonly components: readonly ComponentCheck[];
  /** `host:port` by which clients reach this server. */
  readonly serverAddress: () => string;
  readonly metrics: Registry;
  /** The certificate that names users to aggregated API servers, as it is now. */
  readonly frontProxy?: () => Credential;
  /** Real time, for the ends of watches and the patience of reads; only tests replace it. */
  readonly timers?: Clock;
  readonly inFlight?: InFlightLimits;
  readonly admission?: AdmissionOptions;
  /** False: two plain limits instead of API Priority and Fairness. */
  readonly priorityAndFairness?: boolean;
  /** Milliseconds in which a request is answered that does not last by its nature. */
  readonly requestTimeout?: number;
}

/** The API server without a listener: requests come by `transport`. */
export interface ApiServer {
  readonly transport: Transport;
  /** In process, as a user: enters after authentication; everything else applies. */
  as(user: UserInfo): Transport;
  /** Repairs what a crash may have left behind, and begins what goes on beside requests; once, when there are the objects that every cluster has. */
  start(): Promise<void>;
  /** Ends all watches and follows the store no more. */
  close(): Promise<void>;
}

/** The server's own user, when it asks itself. */
const self: UserInfo = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

export function createServer(options: ServerOptions): ApiServer {
  const { store, clock, random, log, rows } = options;
  const stopping = new AbortController();
  // Every watch listens.
  setMaxListeners(0, stopping.signal);
  const cache = new Cache(store, { clock });
  const codecOf = createCodecs(options.schemas, clock);
  const environmentOf: CelEnvironmentFactory = (variables) => createCelEnvironment({ variables });
  const kinds = kindsOf(
    rows.map((row) =>
      row.group === "apiextensions.k8s.io" && row.plural === "customresourcedefinitions"
        ? checkedDefinitions(row, { schemas: options.schemas, environmentOf })
        : row,
    ),
    codecOf,
  );
  const served = new Kinds(kinds, {
    kinds: () => custom?.resources.kinds() ?? [],
    get version() {
      return custom?.resources.version ?? 0;
    },
  });
  const kindOf = (resource: string): Kind | undefined => served.named(resource);
  const reader = createObjectReader({ cache, kindOf });
  const allocations = new Map<string, Allocation>();
  /** Filled below: plugins write through the very objects that they admit. */
  const admission: AdmissionPlugin[] = [];
  const objects = new Objects({ cache, clock, random, allocations, admission });
  const writer = createObjectWriter({ objects, kindOf });
  const timers = options.timers ?? realClock;
  const callWebhook = createWebhookClient({ reader, random, timers: realClock, signal: stopping.signal });
  const codecs = {
    scale: codecOf("io.k8s.api.autoscaling.v1.Scale", { kind: "Scale", version: "v1" }),
    binding: codecOf("io.k8s.api.core.v1.Binding", { kind: "Binding", version: "v1" }),
    eviction: codecOf("io.k8s.api.policy.v1.Eviction", { kind: "Eviction", version: "v1" }),
  };
  const throughSubresources = new Map([
    ["autoscaling/v1 Scale", codecs.scale],
    ["v1 Binding", codecs.binding],
    ["policy/v1 Eviction", codecs.eviction],
  ]);
  const authorizers: readonly Authorizer[] = [privilegedGroup, publicPaths];
  const authorize = (attributes: Attributes): Decision => decide(attributes, authorizers);
  const resourcesOf = (apiVersion: string, kind: string): readonly OwnerResource[] => served.ofKind(apiVersion, kind);
  const findKind: DispatchDeps["findKind"] = (group, version, resource) => served.find(group, version, resource);
  const matching = createCelEnvironment({ variables: requestVariables });
  admission.push(
    ...createAdmissionChain(
      {
        reader,
        writer,
        clock,
        random,
        timers: realClock,
        log,
        call: callWebhook,
        codecOf: (apiVersion, kind) => throughSubresources.get(`${apiVersion} ${kind}`),
        authorize,
        support: {
          compile: (expression) => matching.compile(expression, { returns: [{ type: "bool" }] }),
          variables: (request) => authorizerVariables(request, authorize),
        },
        resourcesOf,
        kindOf,
        async provisionNamespace(name) {
          const namespaces = kindOf("namespaces");
          if (namespaces === undefined) return;
          await objects.create(internalWrite(namespaces, { name }), { metadata: { name } });
        },
      },
      options.admission ?? {},
    ),
  );
  const definitions = kindOf("customresourcedefinitions.apiextensions.k8s.io");
  const custom: CustomResourcesParts | undefined =
    definitions &&
    createCustomResources({
      ...options,
      kind: definitions,
      environmentOf,
      cache,
      objects,
      writer,
      builtin: rows,
      callWebhook,
      timers: realClock,
      signal: stopping.signal,
    });
  const services = createServiceAllocation({
    ...options,
    ...options.services,
    kinds,
    cache,
    objects,
    signal: stopping.signal,
  });
  if (services !== undefined) allocations.set("services/specs", services.allocation);
  const inFlight = options.inFlight ?? defaultInFlight;
  const loaded = (group: string, resource: string): ResourceCache | undefined => {
    const kind = kindOf(qualified({ group, resource }));
    return kind && cache.loaded(kind);
  };
  const fairness = createFlowControl({
    reader,
    writer,
    clock,
    timers,
    inFlight,
    log,
    metrics: options.metrics,
    load: {
      objects(group, resource) {
        const found = loaded(group, resource);
        return found && { count: found.size };
      },
      watches: ({ group, resource }) => loaded(group, resource)?.listenerCount ?? 0,
    },
  });
  const flowControl = options.priorityAndFairness === false ? createInFlightLimit(inFlight) : fairness;
  const version = versionInfo(process);
  const metrics = createServerMetrics({
    registry: options.metrics,
    clock: realClock,
    isServed: (group, name, resource) => served.find(group, name, resource) !== undefined,
    inFlight: () => flowControl.current,
    storedObjects: () => cache.counts(),
    gitVersion: version.gitVersion,
  });
  const deps: DispatchDeps = {
    cache,
    objects,
    clock,
    random,
    timers,
    signal: stopping.signal,
    watching: (described) => metrics.longRunning(described),
    findKind,
    reader,
    writer,
    kindOf,
    components: options.components,
    codecs,
  };
  const as =
    (user: UserInfo): Transport =>
    (request) =>
      transport({ ...request, peer: { ...request.peer, user } });
  const aggregation = createAggregation({
    reader,
    writer,
    transport: as(self),
    served: servedGroupVersions(served, rows),
    generation: () => {
      const kind = kindOf(apiServices);
      return kind === undefined ? 0 : cache.loaded(kind)?.revision;
    },
    frontProxy: options.frontProxy,
    random,
    clock,
    timers: realClock,
    log,
  });
  const discovery = createDiscovery({
    rows: () => served.rows(),
    rowsVersion: () => served.version,
    registered: aggregation,
    version,
    healthChecks: () => options.healthChecks,
    openApi: createOpenApi(options.openApi, clock, custom?.documents, aggregation),
    metrics: () => metrics.answer(),
    serverAddress: options.serverAddress,
  });
  const background: (() => Promise<void>)[] = [];
  const transport = createServe({
    authenticators: [clientCertificate, anonymous],
    authorizers,
    flowControl,
    deadline: { requestTimeout: options.requestTimeout ?? defaultRequestTimeout, timers: options.timers ?? realClock },
    observe: metrics.requests,
    random,
    log,
    async dispatch(permitted) {
      if (custom?.resources.isLoaded === false) await custom.resources.load();
      const remote = aggregation.findForPath(permitted.path);
      const found = remote instanceof Promise ? await remote : remote;
      if (found !== undefined) return aggregation.proxy(found, permitted.request, permitted.user);
      return fairness.debug(permitted.path) ?? route(permitted, discovery, deps);
    },
  });
  return {
    transport,
    as,
    async start() {
      await services?.repair.run();
      await custom?.resources.load();
      background.push(await aggregation.start());
      background.push(startTypeChecking({ reader, writer, log, timers: realClock, findKind, resourcesOf }));
      if (options.priorityAndFairness === false) return;
      await fairness.refresh();
      background.push(fairness.start());
    },
    async close() {
      stopping.abort();
      for (const end of background) await end();
      custom?.resources.close();
      cache.close();
    },
  };
}

async function route(permitted: Permitted, discovery: Discovery, deps: DispatchDeps): Promise<ApiResponse> {
  const { target, request, path } = permitted;
  if (target.type === "resource") return dispatch(permitted as Permitted & { readonly target: ResourceTarget }, deps);
  const answered = discovery.answer(request, path);
  if (answered === undefined) throw noSuchResource();
  return answered;
}

function kindsOf(rows: readonly ResourceRow[], codecOf: ReturnType<typeof createCodecs>): readonly Kind[] {
  return rows.map((row) =>
    createKind(row, ({ definition, version }, { kind }) => codecOf(definition, { kind, version })),
  );
}
