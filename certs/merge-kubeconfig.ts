import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { Kubeconfig } from "./kubeconfig.ts";

/** What the user must put right; the message is one line that says how. */
export class KubeconfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KubeconfigError";
  }
}

/** kubectl reads YAML 1.1: a name such as `on` or `012` must be quoted. Long lines stay whole. */
const yamlVersion = "1.1";

/** The text of a kubeconfig file that holds nothing else. */
export function kubeconfigText(config: Kubeconfig): string {
  return new Document(config, { version: yamlVersion }).toString({ indentSeq: false, lineWidth: 0 });
}

/**
 * Puts our cluster, user and context into the text of an existing file and makes the context current. All else stays:
 * other entries, keys that we do not know, their order, and comments. Throws where that cannot be promised.
 */
export function mergeKubeconfig(text: string, config: Kubeconfig): string {
  const document = parseDocument(text, { version: yamlVersion });
  const [problem] = document.errors;
  if (problem !== undefined) throw new KubeconfigError(`it is not valid YAML (${firstLine(problem.message)})`);
  if (document.contents === null) return kubeconfigText(config);
  if (!isMap(document.contents)) throw new KubeconfigError("it does not hold a kubeconfig");
  const root: YAMLMap = document.contents;
  const before: unknown = document.toJS();
  const { clusters, users, contexts } = config;
  for (const entry of clusters)
    put(document, entryNamed(document, root, "clusters", entry.name), "cluster", entry.cluster);
  for (const entry of users) put(document, entryNamed(document, root, "users", entry.name), "user", entry.user);
  for (const entry of contexts)
    update(document, entryNamed(document, root, "contexts", entry.name), "context", entry.context);
  root.set("current-context", config["current-context"]);
  for (const key of ["apiVersion", "kind"] as const) if (!root.has(key)) root.set(key, config[key]);
  const merged = document.toString({ indentSeq: !/^- /m.test(text), lineWidth: 0 });
  const after: unknown = parseDocument(merged, { version: yamlVersion }).toJS();
  if (!isDeepStrictEqual(others(before, config), others(after, config))) {
    throw new KubeconfigError("its entries refer to each other in a way that a change would break");
  }
  return merged;
}

/** The list item with this name, made at the end where there is none. */
function entryNamed(document: Document, root: YAMLMap, list: string, name: string): YAMLMap {
  let items: unknown = root.get(list);
  if (items === undefined || items === null) {
    items = document.createNode([]);
    root.set(list, items);
  }
  if (!isSeq(items)) throw new KubeconfigError(`its "${list}" is not a list`);
  // An empty list is usually written as [], and would keep that form.
  if (items.items.length === 0) items.flow = false;
  const found = items.items.find((item) => isMap(item) && item.get("name") === name);
  if (isMap(found)) return found;
  return added(document, items, name);
}

function added(document: Document, items: YAMLSeq, name: string): YAMLMap {
  const entry = document.createNode({ name });
  if (!isMap(entry)) throw new Error("a YAML mapping was expected");
  items.add(entry);
  return entry;
}

/** Replaces the value: what an earlier cluster of this name needed (a proxy, say) must not linger. */
function put(document: Document, entry: YAMLMap, key: string, value: object): void {
  entry.set(key, document.createNode(value));
}

/** Keeps further keys: the namespace that the user chose for the context. */
function update(document: Document, entry: YAMLMap, key: string, value: object): void {
  const current = entry.get(key);
  if (!isMap(current)) return put(document, entry, key, value);
  for (const [name, item] of Object.entries(value)) current.set(name, item);
}

/** The file's data without what is ours: it must be the same before and after. */
function others(data: unknown, config: Kubeconfig): unknown {
  if (typeof data !== "object" || data === null) return data;
  const ours: ReadonlySet<unknown> = new Set([config["current-context"]]);
  const rest = Object.entries(data).filter(([key]) => !["current-context", "apiVersion", "kind"].includes(key));
  return rest
    .map(([key, value]): [string, unknown] => {
      if (!["clusters", "users", "contexts"].includes(key)) return [key, value];
      const items: readonly unknown[] = Array.isArray(value) ? value : [];
      return [key, items.filter((item) => !(isNamed(item) && ours.has(item.name)))];
    })
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0));
}

const isNamed = (item: unknown): item is { name: unknown } =>
  typeof item === "object" && item !== null && "name" in item;

const firstLine = (text: string): string => text.split("\n", 1)[0]?.replace(/:$/, "") ?? "";
