import type { ConfigMap } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { keyFor } from "../../client/lister.ts";
import { configMaps, namespaces } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";

const name = "kube-root-ca.crt";
const annotation = "kubernetes.io/description";
const description =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. " +
  "No other usage is guaranteed across distributions of Kubernetes clusters.";

/** Puts what pods trust as the API server into every namespace. https://kubernetes.io/docs/concepts/configuration/configmap/#kube-root-ca-crt */
export const rootCaCertificatePublisherController: Controller = {
  name: "root-ca-certificate-publisher-controller",
  serviceAccount: "root-ca-cert-publisher",
  start({ client, informers, reconciler, config }) {
    const published = informers.of(configMaps);
    const all = informers.of(namespaces);
    const data = { "ca.crt": config.rootCaPem };
    const queue = reconciler({
      async reconcile(namespace) {
        if (all.get(namespace)?.status?.phase !== "Active") return;
        const before = published.get(keyFor(namespace, name));
        if (before !== undefined && isTrue(before, data)) return;
        const annotations = { ...before?.metadata?.annotations, [annotation]: description };
        if (before === undefined) {
          const made = client.create(configMaps, { metadata: { namespace, name, annotations }, data });
          await made.catch(unlessNamespaceGoes);
        } else {
          await client.update(configMaps, { ...before, metadata: { ...before.metadata, annotations }, data });
        }
      },
    });
    const add = ({ metadata }: DeepReadonly<ConfigMap>): void => {
      if (metadata?.name === name) queue.add(metadata.namespace ?? "");
    };
    published.on({ updated: add, deleted: add });
    all.on({
      added: ({ metadata }) => queue.add(metadata?.name ?? ""),
      updated: ({ metadata }) => queue.add(metadata?.name ?? ""),
    });
  },
};

/** Whoever describes it otherwise may. */
function isTrue({ metadata, data }: DeepReadonly<ConfigMap>, wanted: Readonly<Record<string, string>>): boolean {
  return deepEqual(data, wanted) && (metadata?.annotations?.[annotation] ?? "") !== "";
}

function unlessNamespaceGoes(thrown: unknown): void {
  const isGone = thrown instanceof ApiError && thrown.reason === "NotFound";
  if (!isGone && !isNamespaceGoing(thrown)) throw thrown;
}
