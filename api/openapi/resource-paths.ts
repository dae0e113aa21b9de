import type { ResourceRow, ServedVersion, Subresource } from "../resource.ts";
import type { ApiOperation, ApiPath, GroupVersionKind, HttpMethod, SchemaSet } from "./document.ts";
import { groupVersionPath } from "./names.ts";
import { type OperationContext, ResourceOperations } from "./resource-operations.ts";

/** Finds definitions by the kinds they are published as. */
export function kindIndex(schemas: SchemaSet): OperationContext["definitionOf"] {
  const key = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}/${kind}`;
  const names = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    for (const kind of schema["x-kubernetes-group-version-kind"] ?? []) names.set(key(kind), name);
  }
  return (kind) => names.get(key(kind));
}

/** Every path of a resource in one of its versions. */
export function resourcePaths(row: ResourceRow, served: ServedVersion, context: OperationContext): readonly ApiPath[] {
  const operations = new ResourceOperations(row, served, context);
  const root = groupVersionPath(served.group, served.version);
  const namespaced = row.scope === "Namespaced";
  const collection = `${namespaced ? "namespaces/{namespace}/" : ""}${row.plural}`;
  const paths: ApiPath[] = [
    { path: `${root}/${collection}`, operations: onCollection(operations) },
    { path: `${root}/${collection}/{name}`, operations: onItem(operations) },
  ];
  if (namespaced && operations.can("list"))
    paths.push({ path: `${root}/${row.plural}`, operations: [operations.list("all")] });
  if (operations.can("watch")) {
    paths.push({ path: `${root}/watch/${collection}`, operations: [operations.watchList("own")] });
    if (operations.can("get"))
      paths.push({ path: `${root}/watch/${collection}/{name}`, operations: [operations.watch()] });
    if (namespaced) paths.push({ path: `${root}/watch/${row.plural}`, operations: [operations.watchList("all")] });
  }
  for (const subresource of row.subresources) {
    const path = `${root}/${collection}/{name}/${subresource.name}`;
    if (subresource.connect === true) paths.push(...connectPaths(path, subresource, operations));
    else paths.push({ path, operations: onSubresource(subresource, operations) });
  }
  return paths.filter((path) => path.operations.length > 0);
}

function onCollection(operations: ResourceOperations): readonly ApiOperation[] {
  return [
    ...(operations.can("list") ? [operations.list("own")] : []),
    ...(operations.can("create") ? [operations.create()] : []),
    ...(operations.can("deletecollection") ? [operations.deleteCollection()] : []),
  ];
}

function onItem(operations: ResourceOperations): readonly ApiOperation[] {
  const { self } = operations;
  return [
    ...(operations.can("get") ? [operations.read(self)] : []),
    ...(operations.can("update") ? [operations.replace(self)] : []),
    ...(operations.can("delete") ? [operations.delete()] : []),
    ...(operations.can("patch") ? [operations.patch(self)] : []),
  ];
}

function onSubresource(subresource: Subresource, operations: ResourceOperations): readonly ApiOperation[] {
  const { name, verbs } = subresource;
  if (name === "log") return [operations.log()];
  const target = operations.target(subresource);
  return [
    ...(verbs.includes("get") ? [operations.read(target, name)] : []),
    ...(verbs.includes("update") ? [operations.replace(target, name)] : []),
    ...(verbs.includes("create") ? [operations.createSubresource(target, name)] : []),
    ...(verbs.includes("patch") ? [operations.patch(target, name)] : []),
  ];
}

const proxyMethods: readonly HttpMethod[] = ["get", "put", "post", "delete", "options", "head", "patch"];

/** Streams (exec, attach, port-forward) take GET and POST, proxies every method and whatever path follows. */
function connectPaths(path: string, subresource: Subresource, operations: ResourceOperations): readonly ApiPath[] {
  const on = (methods: readonly HttpMethod[], withPath: boolean): readonly ApiOperation[] =>
    methods.map((method) => operations.connect(method, subresource, withPath));
  if (!subresource.verbs.includes("update")) return [{ path, operations: on(["get", "post"], false) }];
  return [
    { path, operations: on(proxyMethods, false) },
    { path: `${path}/{path}`, operations: on(proxyMethods, true) },
  ];
}
