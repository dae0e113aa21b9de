import type { APIResourceDiscovery } from "../../api/generated/types/apidiscovery-v2.ts";
import type { JsonObject } from "../../api/machinery/object.ts";

/** What an APIService says of a group-version. */
export interface Registration {
  readonly group: string;
  readonly version: string;
  /** Another server answers for it. */
  readonly isRemote: boolean;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

/** What a remote server serves in a group-version. */
export interface RemoteGroupVersion {
  readonly group: string;
  readonly version: string;
  /** Empty when Stale: the server could not be asked. */
  readonly resources: readonly APIResourceDiscovery[];
  readonly freshness: "Current" | "Stale";
}

/** The OpenAPI v3 document of a remote group-version. */
export interface RemoteOpenApi {
  /** Its name in the index: `apis/metrics.k8s.io/v1beta1` */
  readonly name: string;
  /** Where it is, with its hash; undefined when the server has none. */
  readonly serverRelativeURL: string | undefined;
}

/** What of a remote server's OpenAPI v2 document is about its group-version. */
export interface RemoteOpenApiV2 {
  readonly hash: string;
  /** Of JSON. */
  readonly bytes: number;
  readonly paths: JsonObject;
  readonly definitions: JsonObject;
  readonly parameters: JsonObject;
}

/** What is registered beside, or instead of, the resources of this server. */
export interface Registered {
  /** As they are now; the same array as long as they stay. */
  registrations(): readonly Registration[];
  /** The same array as long as nothing changes, here and below. */
  discovery(): Promise<readonly RemoteGroupVersion[]>;
  openApiV3(): Promise<readonly RemoteOpenApi[]>;
  /** As far as it was found by now: nobody waits for documents that long. */
  openApiV2(): readonly RemoteOpenApiV2[];
}

const none: readonly never[] = [];

export const nothingRegistered: Registered = {
  registrations: () => none,
  discovery: () => Promise.resolve(none),
  openApiV3: () => Promise.resolve(none),
  openApiV2: () => none,
};
