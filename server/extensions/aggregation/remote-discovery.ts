import type { APIResourceDiscovery, APISubresourceDiscovery } from "../../../api/generated/types/apidiscovery-v2.ts";
import type { APIResource } from "../../../api/generated/types/meta-v1.ts";
import { parseJson } from "../../../api/machinery/json.ts";
import { isObject } from "../../../api/machinery/members.ts";
import type { Json } from "../../../api/machinery/object.ts";
import { aggregatedContentType } from "../../discovery/aggregated.ts";
import type { RemoteGroupVersion } from "../../discovery/registered.ts";
import { askRemote, type AskDeps } from "./ask-remote.ts";
import { rootPath, type RemoteService } from "./remote-services.ts";

/** Asks one server what its group-version holds. Never throws: what cannot be had is Stale. */
export async function discoverRemote(remote: RemoteService, deps: AskDeps): Promise<RemoteGroupVersion> {
  const { group, version } = remote;
  const stale: RemoteGroupVersion = { group, version, resources: [], freshness: "Stale" };
  if (!remote.isAvailable) return stale;
  try {
    const resources = (await aggregated(remote, deps)) ?? (await legacy(remote, deps));
    return resources === undefined ? stale : { group, version, resources, freshness: "Current" };
  } catch {
    return stale; // away, or answering nonsense: its APIService tells why
  }
}

/** Undefined when the server does not speak aggregated discovery. */
async function aggregated(remote: RemoteService, deps: AskDeps): Promise<readonly APIResourceDiscovery[] | undefined> {
  const { status, headers, body } = await askRemote(remote, { path: "/apis", accept: aggregatedContentType }, deps);
  if (status !== 200 || !String(headers["content-type"]).includes("as=APIGroupDiscoveryList")) return undefined;
  const list = parseJson(body, { duplicates: true }).value;
  const groups = isObject(list) ? objects(list["items"]) : [];
  const group = groups.find(({ metadata }) => isObject(metadata) && metadata["name"] === remote.group);
  const version = objects(group?.["versions"]).find((one) => one["version"] === remote.version);
  return version === undefined ? [] : objects(version["resources"]).map(resourceDiscovery);
}

/** From the APIResourceList that every server has. */
async function legacy(remote: RemoteService, deps: AskDeps): Promise<readonly APIResourceDiscovery[] | undefined> {
  const { status, body } = await askRemote(remote, { path: rootPath(remote), accept: "application/json" }, deps);
  if (status !== 200) return undefined;
  const list = parseJson(body, { duplicates: true }).value;
  return isObject(list) ? fromApiResources(objects(list["resources"])) : undefined;
}

type Loose = { readonly [key: string]: Json | undefined };

function objects(value: Json | undefined): readonly Loose[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

/** Only what we know how to show: the rest is the other server's own. */
function resourceDiscovery(one: Loose): APIResourceDiscovery {
  const subresources = objects(one["subresources"]).map((part): APISubresourceDiscovery => ({
    subresource: text(part["subresource"]),
    responseKind: kindOf(part["responseKind"]),
    verbs: texts(part["verbs"]),
  }));
  return {
    resource: text(one["resource"]),
    responseKind: kindOf(one["responseKind"]),
    scope: text(one["scope"]),
    singularResource: text(one["singularResource"]),
    verbs: texts(one["verbs"]),
    ...(texts(one["shortNames"]).length === 0 ? {} : { shortNames: texts(one["shortNames"]) }),
    ...(texts(one["categories"]).length === 0 ? {} : { categories: texts(one["categories"]) }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** `pods/log` is listed beside `pods`; aggregated discovery has it below. */
function fromApiResources(listed: readonly Loose[]): readonly APIResourceDiscovery[] {
  const found = new Map<string, APIResourceDiscovery>();
  const whole = listed.filter((one) => !text(one["name"]).includes("/"));
  for (const one of whole) {
    const name = text(one["name"]);
    found.set(name, {
      resource: name,
      responseKind: kindOf({ group: one["group"], version: one["version"], kind: one["kind"] }),
      scope: (one as Partial<APIResource>).namespaced === true ? "Namespaced" : "Cluster",
      singularResource: text(one["singularName"]),
      verbs: texts(one["verbs"]),
      ...(texts(one["shortNames"]).length === 0 ? {} : { shortNames: texts(one["shortNames"]) }),
      ...(texts(one["categories"]).length === 0 ? {} : { categories: texts(one["categories"]) }),
    });
  }
  for (const one of listed) {
    const [name = "", part = ""] = text(one["name"]).split("/");
    const parent = found.get(name);
    if (part === "" || parent === undefined) continue;
    const subresource = {
      subresource: part,
      responseKind: kindOf({ group: one["group"], version: one["version"], kind: one["kind"] }),
      verbs: texts(one["verbs"]),
    };
    found.set(name, { ...parent, subresources: [...(parent.subresources ?? []), subresource] });
  }
  return [...found.values()];
}

function kindOf(value: Json | undefined | Loose): { group: string; version: string; kind: string } {
  const { group, version, kind } = isObject(value) ? value : {};
  return { group: text(group), version: text(version), kind: text(kind) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
