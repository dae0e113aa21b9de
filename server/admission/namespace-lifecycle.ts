import { notFound } from "../../api/machinery/status.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { isAbout, namespaces } from "./written.ts";

/** Never deleted: a cluster without them is broken. */
const immortal = new Set(["default", "kube-system", "kube-public"]);
/** Whoever asks what he may do in a namespace is answered, whether it exists or not. */
const accessReviews = { group: "authorization.k8s.io", resource: "localsubjectaccessreviews" };

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
        throw forbid(request, "this namespace may not be deleted");
      if (namespace === "" || isNamespace || operation === "DELETE" || isAbout(request, accessReviews))
        return "unchanged";
      const found = await deps.find(namespace);
      if (found === undefined) throw notFound(namespaces, namespace);
      if (operation === "CREATE" && found.metadata?.deletionTimestamp !== undefined) {
        throw forbid(request, `unable to create new content in namespace ${namespace} because it is being terminated`, [
          {
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          },
        ]);
      }
      return "unchanged";
    },
  };
}
