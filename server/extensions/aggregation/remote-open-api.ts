import { parseJson } from "../../../api/machinery/json.ts";
import { isObject } from "../../../api/machinery/members.ts";
import type { JsonObject } from "../../../api/machinery/object.ts";
import { askRemote, type AskDeps } from "./ask-remote.ts";
import { rootPath, type RemoteService } from "./remote-services.ts";

/** The OpenAPI v3 document of a remote group-version: its name in the index, and where it is, with its hash. */
export interface RemoteOpenApi {
  /** `apis/metrics.k8s.io/v1beta1` */
  readonly name: string;
  readonly serverRelativeURL: string;
}

/** Undefined for a server that cannot be asked or has no such document. */
export async function openApiOf(remote: RemoteService, deps: AskDeps): Promise<RemoteOpenApi | undefined> {
  if (!remote.isAvailable) return undefined;
  const name = rootPath(remote).slice(1);
  const index = await jsonOf(remote, "/openapi/v3", deps);
  const paths = isObject(index?.["paths"]) ? index["paths"] : {};
  const entry = Object.hasOwn(paths, name) ? paths[name] : undefined;
  const url = isObject(entry) ? entry["serverRelativeURL"] : undefined;
  return typeof url === "string" && url.startsWith("/openapi/v3/") ? { name, serverRelativeURL: url } : undefined;
}

/** The server's whole OpenAPI v2 document, with no more paths than those of the group-version; undefined as above. */
export async function openApiV2Of(remote: RemoteService, deps: AskDeps): Promise<JsonObject | undefined> {
  if (!remote.isAvailable) return undefined;
  const document = await jsonOf(remote, "/openapi/v2", deps);
  if (document === undefined || !isObject(document["paths"])) return undefined;
  const root = rootPath(remote);
  const own = Object.entries(document["paths"]).filter(([path]) => path === root || path.startsWith(`${root}/`));
  return { ...document, paths: Object.fromEntries(own) };
}

async function jsonOf(remote: RemoteService, path: string, deps: AskDeps): Promise<JsonObject | undefined> {
  try {
    const { status, body } = await askRemote(remote, { path, accept: "application/json" }, deps);
    if (status !== 200) return undefined;
    const { value } = parseJson(body, { duplicates: true });
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // a server without OpenAPI, or away: nothing of it is shown
  }
}
