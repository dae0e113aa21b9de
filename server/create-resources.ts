import { createCelEnvironment } from "../api/cel/environment.ts";
import type { CelEnvironmentFactory } from "../api/schema/structural/rule-program.ts";
import { realClock } from "../base/clock.ts";
import { createServiceAllocation } from "./allocation/create-service-allocation.ts";
import type { ObjectReader, ObjectWriter } from "./admission/object-reader.ts";
import type { AdmissionPlugin } from "./admission/plugin.ts";
import { createCodecs } from "./codecs.ts";
import type { CustomDocuments } from "./discovery/custom-documents.ts";
import { createKind, type Kind } from "./encoding/kind.ts";
import { checkedDefinitions } from "./extensions/custom-resources/checked-definitions.ts";
import {
  createCustomResources,
  type CustomResourcesParts,
} from "./extensions/custom-resources/create-custom-resources.ts";
import { createLoadingGate } from "./extensions/custom-resources/loading-gate.ts";
import { Kinds } from "./kinds.ts";
import type { Described } from "./pipeline/stages.ts";
import type { ServerOptions } from "./server-options.ts";
import type { Allocation } from "./strategy/allocation.ts";
import type { Guard } from "./strategy/guard.ts";
import { Objects } from "./strategy/objects.ts";
import { createObjectReader } from "./strategy/read-objects.ts";
import { createObjectWriter } from "./strategy/write-status.ts";
import type { DispatchDeps } from "./verbs/dispatch.ts";
import { createScaleKind } from "./verbs/scale-kind.ts";
import { Cache, storagePrefix } from "./watch-cache/cache.ts";
import { createWebhookClient } from "./webhook/create-webhook-client.ts";
import type { CallWebhook } from "./webhook/webhook.ts";

const definitions = "customresourcedefinitions.apiextensions.k8s.io";
/** They may take their parameters from objects of any kind. */
const policies = ["validatingadmissionpolicies", "mutatingadmissionpolicies"].map(
  (resource) => `${resource}.admissionregistration.k8s.io`,
);

/** The objects of a server, of every kind that it serves, and the ways to them. */
export interface Resources {
  readonly kinds: Kinds;
  readonly cache: Cache;
  readonly objects: Objects;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  /** By `pods` or `deployments.apps`. */
  readonly kindOf: (resource: string) => Kind | undefined;
  /** Of what comes and goes through subresources. */
  readonly codecs: DispatchDeps["codecs"];
  readonly scaleKind: Kind;
  readonly callWebhook: CallWebhook;
  /** Asked before every write, in their order; empty until they are put in: they write through these very objects. */
  readonly admission: AdmissionPlugin[];
  /** Asked before a write of a kind, by its storage prefix; put in later for the same reason. */
  readonly guards: Map<string, Guard>;
  /** Custom kinds' part of OpenAPI; undefined where CustomResourceDefinitions are not served. */
  readonly documents: CustomDocuments | undefined;
  /** Resolves when the custom kinds are known, which need to be read once. */
  ready(): Promise<void>;
  /** The same for a request; undefined where it need not wait. */
  readyFor(request: Pick<Described, "target" | "path">): Promise<void> | undefined;
  /** Whether CustomResourceDefinitions are stored: then `ready` may take a while. */
  hasDefinitions(): Promise<boolean>;
  /** Makes what services have and what is kept of it agree. */
  repair(): Promise<void>;
  close(): void;
}

/** `signal` is aborted when the server stops. */
export function createResources(options: ServerOptions, signal: AbortSignal): Resources {
  const { store, clock, random, rows } = options;
  const cache = new Cache(store, { clock, ownSince: options.ownSince });
  const codecOf = createCodecs(options.schemas, clock);
  const environmentOf: CelEnvironmentFactory = (variables) => createCelEnvironment({ variables });
  const builtin = checkedRows(options, environmentOf).map((row) =>
    createKind(row, ({ definition, version }, { kind }) => codecOf(definition, { kind, version })),
  );
  const kinds = new Kinds(builtin, {
    kinds: () => custom?.resources.kinds() ?? [],
    get version() {
      return custom?.resources.version ?? 0;
    },
  });
  const kindOf = (resource: string): Kind | undefined => kinds.named(resource);
  const reader = createObjectReader({ cache, kindOf });
  const allocations = new Map<string, Allocation>();
  const admission: AdmissionPlugin[] = [];
  const guards = new Map<string, Guard>();
  const objects = new Objects({ cache, clock, random, allocations, admission, guards });
  const writer = createObjectWriter({ objects, kindOf });
  const callWebhook = createWebhookClient({ reader, random, timers: realClock, signal });
  const shared = { cache, objects, writer, callWebhook, environmentOf, builtin: rows, timers: realClock, signal };
  const kind = kindOf(definitions);
  const custom: CustomResourcesParts | undefined = kind && createCustomResources({ ...options, ...shared, kind });
  const services = createServiceAllocation({ ...options, ...options.services, kinds: builtin, cache, objects, signal });
  if (services !== undefined) allocations.set("services/specs", services.allocation);
  const hasAny = async (resources: readonly string[]): Promise<boolean> => {
    const counts = resources
      .flatMap((resource) => kindOf(resource) ?? [])
      .map(async (one) => (await store.list(storagePrefix(one), { limit: 0 })).remaining);
    return (await Promise.all(counts)).some((count) => count > 0);
  };
  return {
    kinds,
    cache,
    objects,
    reader,
    writer,
    kindOf,
    scaleKind: createScaleKind(codecOf("io.k8s.api.autoscaling.v1.Scale", { kind: "Scale", version: "v1" })),
    codecs: {
      binding: codecOf("io.k8s.api.core.v1.Binding", { kind: "Binding", version: "v1" }),
      eviction: codecOf("io.k8s.api.policy.v1.Eviction", { kind: "Eviction", version: "v1" }),
      tokenRequest: codecOf("io.k8s.api.authentication.v1.TokenRequest", { kind: "TokenRequest", version: "v1" }),
    },
    callWebhook,
    admission,
    guards,
    documents: custom?.documents,
    ready: async () => custom?.resources.load(),
    readyFor:
      custom === undefined
        ? () => undefined
        : createLoadingGate({
            resources: custom.resources,
            isBuiltin({ group, version, resource }) {
              const found = kinds.find(group, version, resource);
              return found !== undefined && found.kind.conversion === undefined;
            },
            admissionNeedsAll: async () => (options.admission?.enable ?? []).length > 0 || (await hasAny(policies)),
          }),
    hasDefinitions: () => hasAny([definitions]),
    repair: async () => services?.repair.run(),
    close() {
      custom?.resources.close();
      cache.close();
    },
  };
}

/** CustomResourceDefinitions take more than their row knows to be judged. */
function checkedRows({ rows, schemas }: ServerOptions, environmentOf: CelEnvironmentFactory): ServerOptions["rows"] {
  return rows.map((row) =>
    row.group === "apiextensions.k8s.io" && row.plural === "customresourcedefinitions"
      ? checkedDefinitions(row, { schemas, environmentOf })
      : row,
  );
}
