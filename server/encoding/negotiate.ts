import { ApiError } from "../../api/machinery/status.ts";

export type MediaType = "json" | "yaml" | "protobuf";

/** What the client wants back. */
export interface Accepted {
  readonly mediaType: MediaType;
  /** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables and metadata-only fetches. */
  readonly as?: { readonly kind: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList"; readonly version: string };
  readonly pretty: boolean;
}

export const contentTypes: Readonly<Record<MediaType, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
};

const mediaTypes: Readonly<Record<string, MediaType>> = {
  "application/json": "json",
  "application/yaml": "yaml",
  "application/vnd.kubernetes.protobuf": "protobuf",
  "application/*": "json",
  "*/*": "json",
};

interface Clause {
  readonly mediaType: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** What a resource can be shown as. */
export interface Offered {
  readonly transforms: boolean;
  readonly protobuf: boolean;
  /** Watches have no YAML form. */
  readonly stream: boolean;
}

/**
 * Picks the first clause that can be honoured, best quality first. Throws 406 NotAcceptable.
 * `pretty` is the query value; browsers and curl (by User-Agent) get indented JSON by default.
 */
export function negotiate(header: string | undefined, offered: Offered, pretty = false): Accepted {
  if (header === undefined || header.trim() === "") return { mediaType: "json", pretty };
  for (const clause of clausesOf(header)) {
    const accepted = accept(clause, offered);
    if (accepted !== undefined)
      return { ...accepted, pretty: pretty || clause.parameters["pretty"] === "1" || clause.parameters["pretty"] === "true" };
  }
  throw new ApiError(
    "NotAcceptable",
    `only the following media types are accepted: ${offerings(offered).join(", ")}`,
  );
}

function accept(clause: Clause, offered: Offered): Omit<Accepted, "pretty"> | undefined {
  const mediaType = mediaTypes[clause.mediaType];
  if (mediaType === undefined) return undefined;
  if (mediaType === "protobuf" && !offered.protobuf) return undefined;
  if (mediaType === "yaml" && offered.stream) return undefined;
  const { as, g, v, stream } = clause.parameters;
  if (stream !== undefined && !(offered.stream && stream === "watch")) return undefined;
  if (as === undefined) return { mediaType };
  const isTable = as === "Table" && (v === "v1" || v === "v1beta1");
  const isMetadata = (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") && (v === "v1" || v === "v1beta1");
  if (!offered.transforms || g !== "meta.k8s.io" || v === undefined) return undefined;
  // A Table has no protobuf form.
  if (isTable) return mediaType === "protobuf" ? undefined : { mediaType, as: { kind: "Table", version: v } };
  return isMetadata ? { mediaType, as: { kind: as, version: v } } : undefined;
}

/** RFC 9110, section 12.5.1. The number of clauses is bounded by the header's size. */
function clausesOf(header: string): readonly Clause[] {
  const clauses = header.split(",").map((text) => {
    const [mediaType = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const parameter of rest) {
      const [name = "", value = ""] = parameter.split("=", 2);
      if (name !== "" && name !== "__proto__") parameters[name] = value;
    }
    const quality = Number(parameters["q"] ?? "1");
    return { mediaType: mediaType.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
  });
  return clauses
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
}

function offerings(offered: Offered): readonly string[] {
  const base = offered.stream
    ? ["application/json;stream=watch", ...(offered.protobuf ? ["application/vnd.kubernetes.protobuf;stream=watch"] : [])]
    : ["application/json", "application/yaml", ...(offered.protobuf ? ["application/vnd.kubernetes.protobuf"] : [])];
  return base;
}
