import { ApiError, notFound } from "../../api/machinery/status.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";

/** Never deleted: a cluster without them is broken. */
const immortal = new Set(["default", "kube-system", "kube-public"]);
const namespaces = { group: "", resource: "namespaces" };

/**
 * Nothing is created in a namespace that does not exist or is being deleted.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle
 */
export function namespaceLifecycle(deps: {
  /** The namespace as it is now. */
  readonly find: (name: string) => Promise<DeepReadonly<KubeObject> | undefined>;
}): AdmissionPlugin {
  return {
    name: "NamespaceLifecycle",
    // Told before anything that is wrong with the object itself.
    async mutate(request): Promise<"unchanged"> {
      const { operation, kind, namespace, name } = request;
      const isNamespace = kind.row.group === "" && kind.row.plural === "namespaces";
      if (operation === "DELETE" && isNamespace && immortal.has(name))
        throw forbidden(request, "this namespace may not be deleted");
      if (namespace === "" || isNamespace || operation === "DELETE") return "unchanged";
      const found = await deps.find(namespace);
      if (found === undefined) throw notFound(namespaces, namespace);
      if (operation === "CREATE" && found.metadata?.deletionTimestamp !== undefined) throw terminating(request);
      return "unchanged";
    },
  };
}

function forbidden({ kind, name }: AdmissionRequest, why: string): ApiError {
  const { group, plural } = kind.row;
  const full = group === "" ? plural : `${plural}.${group}`;
  return new ApiError("Forbidden", `${full} ${JSON.stringify(name)} is forbidden: ${why}`, {
    details: { name, ...(group === "" ? {} : { group }), kind: plural },
  });
}

function terminating(request: AdmissionRequest): ApiError {
  const { namespace } = request;
  const refusal = forbidden(
    request,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  return new ApiError("Forbidden", refusal.message, {
    details: {
      ...refusal.details,
      causes: [
        {
          reason: "NamespaceTerminating",
          message: `namespace ${namespace} is being terminated`,
          field: "metadata.namespace",
        },
      ],
    },
  });
}
