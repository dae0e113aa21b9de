import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest } from "../../api/wire.ts";
import { acceptClauses, type AcceptClause } from "./accept-clauses.ts";

export type MediaType = "json" | "yaml" | "protobuf";

/** What the client wants back. */
export interface Accepted {
  readonly mediaType: MediaType;
  /** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables and metadata-only fetches. */
  readonly as?: {
    readonly kind: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
    readonly version: string;
  };
  readonly pretty: boolean;
}

export const contentTypes: Readonly<Record<MediaType, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
};

const mediaTypes: ReadonlyMap<string, MediaType> = new Map([
  ["application/json", "json"],
  ["application/yaml", "yaml"],
  ["application/vnd.kubernetes.protobuf", "protobuf"],
  ["application/*", "json"],
  ["*/*", "json"],
]);

/** Indented JSON is for people: by `?pretty`, or since the User-Agent is a browser's or a command-line tool's. */
export function wantsPretty({ headers }: ApiRequest, query: URLSearchParams): boolean {
  const asked = query.get("pretty") ?? "";
  return asked === ""
    ? /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers["user-agent"] ?? "")
    : /^(?:1|t|T|true|TRUE|True)$/.test(asked);
}

/** What a resource can be shown as. */
export interface Offered {
  readonly transforms: boolean;
  /** Whole objects; metadata alone always has a protobuf form. */
  readonly protobuf: boolean;
  /** Watches have no YAML form. */
  readonly stream: boolean;
}

/** Picks the first clause that can be honoured, best quality first. Throws 406 NotAcceptable. */
export function negotiate(header: string | undefined, offered: Offered, pretty = false): Accepted {
  // What most clients say needs no look at clauses.
  if (header === undefined || header === contentTypes.json || header.trim() === "")
    return { mediaType: "json", pretty };
  for (const clause of acceptClauses(header)) {
    const accepted = accept(clause, offered);
    if (accepted !== undefined)
      return { ...accepted, pretty: pretty || /^(?:1|true)$/.test(clause.parameters.get("pretty") ?? "") };
  }
  throw new ApiError("NotAcceptable", `only the following media types are accepted: ${offerings(offered).join(", ")}`);
}

function accept({ value, parameters }: AcceptClause, offered: Offered): Omit<Accepted, "pretty"> | undefined {
  const mediaType = mediaTypes.get(value);
  if (mediaType === undefined) return undefined;
  if (mediaType === "yaml" && offered.stream) return undefined;
  const [as, version, stream] = ["as", "v", "stream"].map((name) => parameters.get(name));
  if (stream !== undefined && !(offered.stream && stream === "watch")) return undefined;
  if (as === undefined) return mediaType === "protobuf" && !offered.protobuf ? undefined : { mediaType };
  if (!offered.transforms || parameters.get("g") !== "meta.k8s.io") return undefined;
  if (version !== "v1" && version !== "v1beta1") return undefined;
  // A Table has no protobuf form.
  if (as === "Table") return mediaType === "protobuf" ? undefined : { mediaType, as: { kind: as, version } };
  const isMetadata = as === "PartialObjectMetadata" || as === "PartialObjectMetadataList";
  return isMetadata ? { mediaType, as: { kind: as, version } } : undefined;
}

function offerings(offered: Offered): readonly string[] {
  return offered.stream
    ? [
        "application/json;stream=watch",
        ...(offered.protobuf ? ["application/vnd.kubernetes.protobuf;stream=watch"] : []),
      ]
    : ["application/json", "application/yaml", ...(offered.protobuf ? ["application/vnd.kubernetes.protobuf"] : [])];
}
