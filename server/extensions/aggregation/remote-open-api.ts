import { createHash } from "node:crypto";
import { isObject, setOwn } from "../../../api/machinery/members.ts";
import type { Json, JsonObject } from "../../../api/machinery/object.ts";
import type { RemoteOpenApi, RemoteOpenApiV2 } from "../../discovery/registered.ts";
import { encodeRemote } from "../../discovery/remote-v2.ts";
import { askRemote, type AskDeps } from "./ask-remote.ts";
import { rootPath, type RemoteService } from "./remote-services.ts";

/** Of what is kept of a server's v2 document; a longer one is passed over. */
const mostBytes = 4 * 1024 * 1024;

/** Where the v3 document of a remote group-version is. Never throws. */
export async function openApiOf(remote: RemoteService, deps: AskDeps): Promise<RemoteOpenApi> {
  const name = rootPath(remote).slice(1);
  const index = remote.isAvailable ? await jsonOf(remote, "/openapi/v3", deps) : undefined;
  const entry = memberOf(index?.["paths"], name);
  const url = memberOf(entry, "serverRelativeURL");
  const isUrl = typeof url === "string" && url.startsWith("/openapi/v3/");
  return { name, serverRelativeURL: isUrl ? url : undefined };
}

/** Undefined for a server that cannot be asked or has no such document. Never throws. */
export async function openApiV2Of(remote: RemoteService, deps: AskDeps): Promise<RemoteOpenApiV2 | undefined> {
  if (!remote.isAvailable) return undefined;
  const document = await jsonOf(remote, "/openapi/v2", deps);
  try {
    return document && partOf(document, rootPath(remote));
  } catch {
    return undefined; // of another shape than it should be: ours must not break of it
  }
}

/** Throws for what is no OpenAPI v2 document. */
function partOf(document: JsonObject, root: string): RemoteOpenApiV2 | undefined {
  const own = Object.entries(document["paths"] ?? {}).filter(([path]) => path === root || path.startsWith(`${root}/`));
  const paths: JsonObject = Object.fromEntries(own);
  const parts = { paths, ...referenced(paths, document) };
  const text = JSON.stringify(parts);
  if (text.length > mostBytes) return undefined;
  encodeRemote(parts);
  return { hash: createHash("sha512").update(text).digest("hex"), bytes: text.length, ...parts };
}

const referencePattern = /^#\/(definitions|parameters)\/([^/]+)$/;

/** What the paths lead to, and what that leads to. */
function referenced(paths: JsonObject, document: JsonObject): Pick<RemoteOpenApiV2, "definitions" | "parameters"> {
  const found = { definitions: {} as JsonObject, parameters: {} as JsonObject };
  const rest: (Json | undefined)[] = [paths];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    if (Array.isArray(value)) rest.push(...value);
    if (!isObject(value)) continue;
    rest.push(...Object.values(value));
    const reference = value["$ref"];
    const [, section, name] = typeof reference === "string" ? (referencePattern.exec(reference) ?? []) : [];
    if (name === undefined || (section !== "definitions" && section !== "parameters")) continue;
    const target = memberOf(document[section], name);
    if (target === undefined || Object.hasOwn(found[section], name)) continue;
    setOwn(found[section], name, target);
    rest.push(target);
  }
  return found;
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

async function jsonOf(remote: RemoteService, path: string, deps: AskDeps): Promise<JsonObject | undefined> {
  try {
    const { status, body } = await askRemote(remote, { path, accept: "application/json" }, deps);
    if (status !== 200) return undefined;
    const value = JSON.parse(body.toString()) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // a server without OpenAPI, or away: nothing of it is shown
  }
}
