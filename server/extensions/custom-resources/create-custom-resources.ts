import type { ResourceRow } from "../../../api/resource.ts";
import type { Schemas } from "../../../api/schema/schema.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import type { CustomDocuments } from "../../discovery/custom-documents.ts";
import type { ReadOpenApi } from "../../discovery/read-open-api.ts";
import type { ObjectWriter } from "../../admission/object-reader.ts";
import type { Kind } from "../../encoding/kind.ts";
import type { Objects } from "../../strategy/objects.ts";
import type { Cache } from "../../watch-cache/cache.ts";
import type { CallWebhook } from "../../webhook/webhook.ts";
import { createSchemaCompiler, type SchemaCompilerDeps } from "./compile-schema.ts";
import { noConversion } from "./conversion/none.ts";
import { webhookConversion } from "./conversion/webhook.ts";
import { CustomResources, type PublishedKind } from "./custom-resources.ts";
import { createDefinitionSource } from "./definition-source.ts";
import { followInstances, removeInstances } from "./instances.ts";
import { createCustomDocuments } from "./open-api.ts";

export interface CustomResourcesOptions {
  /** The built-in kind of CustomResourceDefinitions. */
  readonly kind: Kind;
  readonly cache: Cache;
  readonly objects: Objects;
  readonly writer: ObjectWriter;
  readonly builtin: readonly ResourceRow[];
  readonly schemas: Schemas;
  readonly environmentOf: SchemaCompilerDeps["environmentOf"];
  readonly callWebhook: CallWebhook;
  readonly clock: Clock;
  readonly timers: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly openApi: ReadOpenApi;
}

export interface CustomResourcesParts {
  readonly resources: CustomResources;
  readonly documents: CustomDocuments;
}

/** Puts the custom resources of one server together; `load` them before the first request. */
export function createCustomResources(options: CustomResourcesOptions): CustomResourcesParts {
  const { cache, kind, callWebhook, random, signal } = options;
  const source = createDefinitionSource(cache, kind);
  const resources = new CustomResources({
    ...options,
    source,
    compile: createSchemaCompiler({ ...options, source }),
    conversionOf({ spec: { conversion } }) {
      if (conversion?.strategy !== "Webhook" || conversion.webhook === undefined) return noConversion;
      return webhookConversion(conversion.webhook, { call: callWebhook, uuid: () => random.uuid(), signal });
    },
    forget: (gone) => cache.forget(gone),
    removeInstances: (of) => removeInstances(of, options),
    followInstances: (of, onChange) => followInstances(of, onChange, options),
  });
  const published = (): readonly PublishedKind[] => resources.published();
  return { resources, documents: createCustomDocuments({ published, source, read: options.openApi }) };
}
