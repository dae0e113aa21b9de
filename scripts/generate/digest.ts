/**
 * Remakes api/openapi/reference-digest.json from the v2 document that Kubernetes publishes with a release
 * (api/openapi-spec/swagger.json): `tsx scripts/generate/digest.ts path/to/swagger.json`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { digestOf } from "../../api/openapi/digest.ts";
import type { OpenApiV2 } from "../../api/openapi/v2.ts";
import { enabledGroupVersions, readFacts } from "./facts.ts";

const root = new URL("../../", import.meta.url);
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: digest.ts SWAGGER_JSON");

const enabled = new Set(enabledGroupVersions(readFacts(new URL("api/facts/", root))));
const groups = new Set([...enabled].map((groupVersion) => groupVersion.split("/")[0]));
const reference = JSON.parse(readFileSync(file, "utf8")) as OpenApiV2;
const digest = digestOf(reference, isServedByDefault);
writeFileSync(new URL("api/openapi/reference-digest.json", root), `${JSON.stringify(digest)}\n`);

/** The published document has every alpha and beta version in it. */
function isServedByDefault(path: string): boolean {
  const [, top, group = "", version = ""] = path.split("/");
  if (top !== "apis" || group === "") return true;
  return version === "" ? groups.has(group) : enabled.has(`${group}/${version}`);
}
