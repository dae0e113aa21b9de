import { readFileSync } from "node:fs";
import type { ApiParameter, ApiTexts } from "../../api/openapi/document.ts";
import type { Definition, DefinitionField } from "./definitions.ts";
import { plainText } from "./models.ts";

/** Methods of client-node whose comments describe the parameters, by what their names mean to us. */
const described: readonly (readonly [prefix: string, method: string])[] = [
  ["", "listNamespacedPod"],
  ["", "createNamespacedPod"],
  ["", "deleteNamespacedPod"],
  ["patch ", "patchNamespacedPod"],
];

const options: Readonly<Record<string, string>> = {
  PodLogOptions: "readNamespacedPodLog",
  PodExecOptions: "connectGetNamespacedPodExec",
  PodAttachOptions: "connectGetNamespacedPodAttach",
  PodPortForwardOptions: "connectGetNamespacedPodPortforward",
  PodProxyOptions: "connectGetNamespacedPodProxy",
  ServiceProxyOptions: "connectGetNamespacedServiceProxy",
  NodeProxyOptions: "connectGetNodeProxy",
};

/** Parameter texts from client-node's API classes, and the options of streamed subresources from their Go types. */
export function readTexts(apis: URL, definitions: readonly Definition[]): ApiTexts {
  const core = commentsOf(readFileSync(new URL("CoreV1Api.d.ts", apis), "utf8"));
  const logs = commentsOf(readFileSync(new URL("LogsApi.d.ts", apis), "utf8"));
  const parameters: Record<string, string> = { logpath: textsOf(logs, "logFileHandler").get("logpath") ?? "" };
  for (const [prefix, method] of described) {
    for (const [name, text] of textsOf(core, method)) {
      if (parameters[name] === undefined) parameters[name] = text;
      else if (parameters[name] !== text) parameters[`${prefix}${name}`] = text;
    }
  }
  return {
    parameters,
    options: Object.fromEntries(
      Object.entries(options).map(([kind, method]) => [kind, optionsOf(kind, textsOf(core, method), definitions)]),
    ),
  };
}

type Comments = ReadonlyMap<string, ReadonlyMap<string, string>>;

function textsOf(comments: Comments, method: string): ReadonlyMap<string, string> {
  const found = comments.get(method);
  if (found === undefined) throw new Error(`client-node has no method ${method}`);
  return found;
}

/** Method → parameter → text, from the first class of the file. */
function commentsOf(declarations: string): Comments {
  const methods = new Map<string, ReadonlyMap<string, string>>();
  for (const [, comment = "", method = ""] of declarations.matchAll(/\/\*\*\n((?:\s+\* .*\n)+)\s+\*\/\n\s+(\w+)\(/g)) {
    if (methods.has(method)) continue;
    const texts = [...comment.matchAll(/\* @param (\w+) (.+)\n/g)].map(([, name = "", text = ""]): [string, string] => [
      name.replace(/^_/, ""),
      plainText(text),
    ]);
    methods.set(method, new Map(texts));
  }
  return methods;
}

function optionsOf(
  kind: string,
  texts: ReadonlyMap<string, string>,
  definitions: readonly Definition[],
): readonly ApiParameter[] {
  const definition = definitions.find((candidate) => candidate.name === `io.k8s.api.core.v1.${kind}`);
  if (definition === undefined) throw new Error(`no definition of ${kind}`);
  return definition.fields.flatMap((field): ApiParameter[] => {
    const type = queryType(field);
    const description = texts.get(field.name);
    return type === undefined
      ? []
      : [{ in: "query", name: field.name, type, ...(description !== undefined && { description }) }];
  });
}

/** Lists are repeated parameters; what is no scalar cannot stand in a query. */
function queryType({ name, value }: DefinitionField): ApiParameter["type"] | undefined {
  if (name === "kind" || name === "apiVersion") return undefined;
  const single = value.type === "list" ? value.of : value;
  if (single.type !== "scalar") return undefined;
  switch (single.name) {
    case "string":
    case "boolean":
      return single.name;
    case "int32":
    case "int64":
      return "integer";
    default:
      return undefined;
  }
}
