import type { Container, PodSpec, Volume } from "../../../api/generated/types/core-v1.ts";
import { generateName } from "../../../api/machinery/generate-name.ts";

const prefix = "kube-api-access-";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** An odd number, by which the server knows the tokens of those who may read the file but once. */
const expirationSeconds = 3607;

/**
 * Token, certificate authority and namespace, where clients in pods look for them; a container that mounts something else there
 * keeps it. Ephemeral containers get nothing.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume
 */
export function mountToken(spec: PodSpec, integer: (below: number) => number): void {
  const volumes = spec.volumes ?? [];
  const own = volumes.find(({ name }) => name.startsWith(prefix));
  const name = own?.name ?? generateName(prefix, integer);
  const missing = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(
    (container) => !hasMount(container),
  );
  for (const container of missing)
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
  if (own === undefined && missing.length > 0) spec.volumes = [...volumes, tokenVolume(name)];
}

function hasMount({ volumeMounts = [] }: Container): boolean {
  return volumeMounts.some((mount) => mount.mountPath === mountPath);
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: "token", expirationSeconds } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
    },
  };
}
