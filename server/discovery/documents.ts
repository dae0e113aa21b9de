import type { ResourceRow } from "../../api/resource.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { contentTypes, negotiate } from "../encoding/negotiate.ts";
import { encodeObject } from "../encoding/object.ts";
import { aggregatedContentType, apiGroupDiscoveryList } from "./aggregated.ts";
import { entity, entityResponse, jsonEntity, type Entity } from "./entity.ts";
import { groupsOf, type ServedGroup } from "./groups.ts";
import { mergedGroups } from "./merged-groups.ts";
import type { Registered, Registration, RemoteGroupVersion } from "./registered.ts";
import type { LegacyDocument } from "./legacy.ts";

export interface DocumentParts {
  readonly rows: () => readonly ResourceRow[];
  /** Moves with every change of `rows`: documents are kept until then. */
  readonly rowsVersion: () => number;
  readonly registered: Pick<Registered, "registrations" | "discovery">;
}

/** The documents made from the rows and what is registered beside them, each made when it is first asked for. */
export class Documents {
  readonly #parts: DocumentParts;
  #version: number | undefined;
  #registrations: readonly Registration[] | undefined;
  #remote: readonly RemoteGroupVersion[] | undefined;
  #groups: readonly ServedGroup[] = [];
  /** At most one for each path, media type and layout. */
  readonly #kept = new Map<string, Promise<Entity>>();

  constructor(parts: DocumentParts) {
    this.#parts = parts;
  }

  groups(): readonly ServedGroup[] {
    const version = this.#parts.rowsVersion();
    const registrations = this.#parts.registered.registrations();
    if (this.#version !== version || this.#registrations !== registrations) {
      this.#kept.clear();
      this.#groups = mergedGroups(groupsOf(this.#parts.rows()), registrations);
      this.#version = version;
      this.#registrations = registrations;
    }
    return this.#groups;
  }

  /** `name` stands for what `groups` selects. */
  async aggregated(request: ApiRequest, name: "api" | "apis"): Promise<ApiResponse> {
    const remote = await this.#parts.registered.discovery();
    const groups = this.groups().filter((group) => (group.name === "") === (name === "api"));
    if (this.#remote !== remote) for (const one of ["api", "apis"]) this.#kept.delete(`${one} aggregated`);
    this.#remote = remote;
    const document = await this.#keep(`${name} aggregated`, async () =>
      jsonEntity(aggregatedContentType, apiGroupDiscoveryList(groups, remote)),
    );
    return entityResponse(request, document, { vary: "Accept", "cache-control": "public" });
  }

  /** A document of unaggregated discovery, in the form that the client accepts. */
  async legacy(request: ApiRequest, path: string, make: () => LegacyDocument): Promise<ApiResponse> {
    const pretty = new URLSearchParams(request.url.split("?", 2)[1]).get("pretty");
    const isPretty = pretty !== null && pretty !== "" && pretty !== "false" && pretty !== "0";
    const accepted = negotiate(
      request.headers["accept"],
      { transforms: false, protobuf: true, stream: false },
      isPretty,
    );
    const document = await this.#keep(`${path} ${accepted.mediaType} ${accepted.pretty}`, async () => {
      const { apiVersion, unversioned, ...rest } = make();
      const named = unversioned && accepted.mediaType !== "protobuf" ? rest : { apiVersion, ...rest };
      return entity(contentTypes[accepted.mediaType], await encodeObject(named, accepted));
    });
    return entityResponse(request, document, { vary: "Accept", "cache-control": "no-cache, private" });
  }

  #keep(key: string, make: () => Promise<Entity>): Promise<Entity> {
    const kept = this.#kept.get(key) ?? make();
    this.#kept.set(key, kept);
    return kept;
  }
}
