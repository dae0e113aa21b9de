import { createHash } from "node:crypto";
import type { OpenApiSource } from "../../../api/openapi/document.ts";
import { customPaths, v3Documents } from "../../../api/openapi/documents.ts";
import { encodeDocument } from "../../../api/openapi/protobuf.ts";
import { buildV2 } from "../../../api/openapi/v2.ts";
import { sliced } from "../../../base/slice.ts";
import type { ResourceRow } from "../../../api/resource.ts";
import type { CustomDocuments, V2Part } from "../../discovery/custom-documents.ts";
import type { ReadOpenApi } from "../../discovery/read-open-api.ts";
import type { PublishedKind } from "./custom-resources.ts";
import type { DefinitionSource } from "./definition-source.ts";
import { customSchemas, type OpenApiVersion } from "./open-api-schemas.ts";

export interface CustomDocumentsDeps {
  /** What is served now. */
  readonly published: () => readonly PublishedKind[];
  readonly source: Pick<DefinitionSource, "find">;
  readonly read: ReadOpenApi;
}

const kubernetesVersion = "v1.36.0";

/** Documents are made when they are asked for: definitions are long, and few clients read what is said of them. */
export function createCustomDocuments({ published, source, read }: CustomDocumentsDeps): CustomDocuments {
  let builtin: WeakRef<OpenApiSource> | undefined;
  const load = async (): Promise<OpenApiSource> => {
    const known = builtin?.deref();
    if (known !== undefined) return known;
    // Written by our own build.
    const loaded = JSON.parse(Buffer.from(await read("definitions.json")).toString()) as OpenApiSource;
    builtin = new WeakRef(loaded);
    return loaded;
  };
  const schemasOf = ({ definition, row }: PublishedKind, from: OpenApiSource, openApi: OpenApiVersion) => {
    const version = source.find(definition)?.spec.versions.find(({ name }) => name === row.served[0]?.version);
    return customSchemas(row, version?.schema?.openAPIV3Schema, from, openApi);
  };
  return {
    groupVersions() {
      const hashes = new Map<string, ReturnType<typeof createHash>>();
      for (const kind of published()) {
        const name = groupVersionOf(kind.row);
        const hash = hashes.get(name) ?? createHash("sha512");
        hashes.set(name, hash.update(JSON.stringify([kind.definition, kind.uid, kind.generation, kind.row.kind])));
      }
      return new Map([...hashes].map(([name, hash]) => [name, hash.digest("hex").toUpperCase()]));
    },
    async v3(groupVersion) {
      const kinds = published().filter(({ row }) => groupVersionOf(row) === groupVersion);
      if (kinds.length === 0) return undefined;
      const from = await load();
      const own = Object.assign({}, ...kinds.map((kind) => schemasOf(kind, from, 3)));
      const all = { texts: from.texts, schemas: { ...from.schemas, ...own } };
      const paths = customPaths(
        kinds.map(({ row }) => row),
        all,
      );
      const document = v3Documents(paths, all, kubernetesVersion).get(`apis/${groupVersion}`);
      return document && Buffer.from(JSON.stringify(document));
    },
    async *v2() {
      const from = await load();
      // One after the other, and others have their turn in between.
      yield* sliced(published(), (kind) => partOf(kind.row, schemasOf(kind, from, 2), from));
    },
  };
}

function groupVersionOf({ group, served }: ResourceRow): string {
  return `${group}/${served[0]?.version ?? ""}`;
}

function partOf(row: ResourceRow, own: OpenApiSource["schemas"], from: OpenApiSource): V2Part {
  const all = { texts: from.texts, schemas: { ...from.schemas, ...own } };
  const { paths, definitions, parameters } = buildV2(customPaths([row], all), all.schemas, kubernetesVersion);
  const ownDefinitions = Object.fromEntries(Object.entries(definitions).filter(([name]) => Object.hasOwn(own, name)));
  return {
    paths: membersOf(paths),
    definitions: membersOf(ownDefinitions),
    parameters: new Map(Object.entries(parameters).map(([name, value]) => [name, membersOf({ [name]: value })])),
    // Half of the work, and most clients ask for JSON.
    get protobuf() {
      return encodeDocument({ paths, definitions: ownDefinitions, parameters });
    },
  };
}

function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}
