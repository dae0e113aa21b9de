import { isObject } from "../../api/machinery/members.ts";
import { resourceType, type ResourceType } from "../../client/resource-types.ts";

/** A resource in one version of its group. Subresources are members of it, not resources of their own. */
export interface DiscoveredResource {
  readonly group: string;
  readonly version: string;
  readonly type: ResourceType;
  readonly verbs: ReadonlySet<string>;
  readonly subresources: readonly string[];
  /** Whether this is the version that its group prefers for it. */
  readonly isPreferred: boolean;
}

/** What a server says that it serves. */
export interface Discovered {
  /** In the server's order: groups, their versions from the preferred one on, resources. */
  readonly resources: readonly DiscoveredResource[];
  /** Group-versions (`metrics.k8s.io/v1beta1`) of which nothing can be said now, with why. */
  readonly failed: ReadonlyMap<string, string>;
}

/** A server with more would be one that answers nonsense. */
const maxResources = 20_000;

/**
 * Reads aggregated discovery: the lists of `/api` and of `/apis`. A version that is stale (its server does not answer)
 * has failed, whatever is told of it. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export function readDiscovery(lists: readonly unknown[]): Discovered {
  const resources: DiscoveredResource[] = [];
  const failed = new Map<string, string>();
  for (const list of lists) {
    for (const item of itemsOf(list, "items")) {
      const group = isObject(item["metadata"]) ? textOf(item["metadata"], "name") : "";
      const preferred = new Set<string>();
      for (const version of itemsOf(item, "versions")) {
        const name = textOf(version, "version");
        const groupVersion = group === "" ? name : `${group}/${name}`;
        if (textOf(version, "freshness") === "Stale") {
          failed.set(groupVersion, `stale GroupVersion discovery: ${groupVersion}`);
          continue;
        }
        for (const resource of itemsOf(version, "resources")) {
          const type = typeOf(groupVersion, resource);
          if (type === undefined) continue;
          resources.push({
            group,
            version: name,
            type,
            verbs: new Set(textsOf(resource, "verbs")),
            subresources: itemsOf(resource, "subresources").map((one) => textOf(one, "subresource")),
            isPreferred: !preferred.has(type.plural),
          });
          preferred.add(type.plural);
          if (resources.length > maxResources) throw new Error(`the server has more than ${maxResources} resources`);
        }
      }
    }
  }
  return { resources, failed };
}

/** As clients put it, for those who must not go on without the failed ones; undefined when nothing has failed. */
export function discoveryFailure({ failed }: Discovered): string | undefined {
  if (failed.size === 0) return undefined;
  const groups = [...failed].map(([groupVersion, why]) => `${groupVersion}: ${why}`).toSorted();
  return `unable to retrieve the complete list of server APIs: ${groups.join(", ")}`;
}

/** A resource that does not say of which kind its objects are has subresources only. */
function typeOf(groupVersion: string, resource: Members): ResourceType | undefined {
  const kind = isObject(resource["responseKind"]) ? textOf(resource["responseKind"], "kind") : "";
  const plural = textOf(resource, "resource");
  if (kind === "" || plural === "") return undefined;
  return resourceType(
    groupVersion,
    plural,
    kind,
    textOf(resource, "scope") === "Namespaced" ? "Namespaced" : "Cluster",
  );
}

type Members = Readonly<Record<string, unknown>>;

function itemsOf(value: unknown, field: string): readonly Members[] {
  const items = isObject(value) ? value[field] : undefined;
  return Array.isArray(items) ? items.filter(isObject) : [];
}

function textOf(value: Members, field: string): string {
  const text = value[field];
  return typeof text === "string" ? text : "";
}

function textsOf(value: Members, field: string): readonly string[] {
  const texts = value[field];
  return Array.isArray(texts) ? texts.filter((text) => typeof text === "string") : [];
}
