import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { apiPaths, v3Documents } from "../../api/openapi/documents.ts";
import type { OpenApiSource } from "../../api/openapi/document.ts";
import { encodeDocument } from "../../api/openapi/protobuf.ts";
import { buildV2 } from "../../api/openapi/v2.ts";
import type { ResourceRow } from "../../api/resource.ts";

/** The version that documents carry. */
const kubernetesVersion = "v1.36.0";

/**
 * File name → content of everything the server sends from /openapi, ready to be sent. The build makes them for all
 * resources; a server that serves fewer makes its own.
 */
export function* openApiFiles(
  rows: readonly ResourceRow[],
  source: OpenApiSource,
): Generator<readonly [string, Uint8Array]> {
  yield ["definitions.json", Buffer.from(JSON.stringify(source))];
  const paths = apiPaths(rows, source, () => true);

  const index: Record<string, { hash: string; file: string }> = {};
  for (const [name, document] of v3Documents(paths, source, kubernetesVersion)) {
    const bytes = Buffer.from(JSON.stringify(document));
    const file = `v3/${name.replaceAll("/", "__")}.json`;
    index[name] = { hash: hashOf(bytes), file };
    yield* withGzip(file, bytes);
  }

  const v2 = buildV2(paths, source.schemas, kubernetesVersion);
  const json = Buffer.from(JSON.stringify(v2));
  yield* withGzip("swagger.json", json);
  yield* withGzip("swagger.pb", encodeDocument(v2));
  yield ["index.json", Buffer.from(JSON.stringify({ v3: index, v2: { hash: hashOf(json) } }))];
}

function* withGzip(file: string, bytes: Uint8Array): Generator<readonly [string, Uint8Array]> {
  yield [file, bytes];
  yield [`${file}.gz`, gzipSync(bytes, { level: 9 })];
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha512").update(bytes).digest("hex").toUpperCase();
}
