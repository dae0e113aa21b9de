import { ApiError } from "../../api/machinery/status.ts";
import { forbid } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";

/**
 * Creates the namespace that something is created in.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespaceautoprovision
 */
export function namespaceAutoProvision(deps: {
  readonly reader: ObjectReader;
  /** Creates a namespace of this name as the server itself; throws AlreadyExists where another was faster. */
  readonly provision: (name: string) => Promise<void>;
}): AdmissionPlugin {
  return {
    name: "NamespaceAutoProvision",
    mutate(request) {
      const { operation, kind, namespace, dryRun } = request;
      const isNamespace = kind.row.group === "" && kind.row.plural === "namespaces";
      const matters = operation === "CREATE" && !dryRun && namespace !== "" && !isNamespace;
      return matters ? provide(request, deps) : "unchanged";
    },
  };
}

async function provide(
  request: AdmissionRequest,
  { reader, provision }: Parameters<typeof namespaceAutoProvision>[0],
): Promise<Mutation> {
  if ((await reader.find("namespaces", "", request.namespace)) !== undefined) return "unchanged";
  try {
    await provision(request.namespace);
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    if (thrown.reason !== "AlreadyExists")
      throw thrown.reason === "Forbidden" ? thrown : forbid(request, thrown.message);
  }
  return "unchanged";
}
