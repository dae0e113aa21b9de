import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { registry } from "../../api/registry.ts";
import { readDefinitions } from "./definitions.ts";
import { readFacts } from "./facts.ts";
import { openApiFiles } from "../../server/discovery/open-api-files.ts";
import { openApiSchemas } from "./open-api-schemas.ts";
import { schemaModule, schemaTableOf } from "./schema-table.ts";
import { readTexts } from "./texts.ts";
import { wireTypes } from "./wire-types.ts";

const root = new URL("../../", import.meta.url);
const output = new URL("api/generated/", root);
const client = new URL("node_modules/@kubernetes/client-node/dist/gen/", root);

const facts = readFacts(new URL("api/facts/", root));
const definitions = readDefinitions(facts, new URL("models/", client));

writeAll("", [["schemas.ts", schemaModule(schemaTableOf(definitions))]]);
writeAll("types/", wireTypes(definitions));
const source = { schemas: openApiSchemas(definitions, facts), texts: readTexts(new URL("apis/", client), definitions) };
writeAll("openapi/", openApiFiles(registry, source));

/** Writes a folder's files, then removes those of an earlier run that are no longer made. */
function writeAll(folder: string, files: Iterable<readonly [string, string | Uint8Array]>): void {
  const written = new Set<string>();
  for (const [name, content] of files) {
    const file = new URL(`${folder}${name}`, output);
    mkdirSync(new URL(".", file), { recursive: true });
    writeFileSync(file, content);
    written.add(name);
  }
  if (folder === "") return;
  for (const entry of readdirSync(new URL(folder, output), { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`.slice(new URL(folder, output).pathname.length).replace(/^\//, "");
    if (entry.isFile() && !written.has(path)) rmSync(new URL(`${folder}${path}`, output));
  }
}
