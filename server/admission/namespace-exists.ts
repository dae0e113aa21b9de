import { notFound } from "../../api/machinery/status.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { namespaces } from "./written.ts";

/**
 * Nothing is written in a namespace that does not exist. NamespaceLifecycle says the same of all but deletions.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespaceexists
 */
export function namespaceExists({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "NamespaceExists",
    validate({ operation, kind, namespace }) {
      const isNamespace = kind.row.group === "" && kind.row.plural === "namespaces";
      return namespace === "" || isNamespace || operation === "CONNECT" ? undefined : mustExist(namespace, reader);
    },
  };
}

async function mustExist(name: string, reader: ObjectReader): Promise<void> {
  if ((await reader.find("namespaces", "", name)) === undefined) throw notFound(namespaces, name);
}
