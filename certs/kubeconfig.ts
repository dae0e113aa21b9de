import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Credential } from "./credential.ts";

/** A cluster, a user and the context that joins them, all under one name. */
export interface KubeconfigEntry {
  readonly name?: string;
  /** https://host:port */
  readonly server: string;
  readonly caPem: string;
  readonly client: Credential;
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ with everything embedded. */
export interface Kubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly clusters: readonly { readonly name: string; readonly cluster: ClusterFields }[];
  readonly users: readonly { readonly name: string; readonly user: UserFields }[];
  readonly contexts: readonly { readonly name: string; readonly context: ContextFields }[];
  readonly "current-context": string;
}

interface ClusterFields {
  readonly server: string;
  readonly "certificate-authority-data": string;
}

interface UserFields {
  readonly "client-certificate-data": string;
  readonly "client-key-data": string;
}

interface ContextFields {
  readonly cluster: string;
  readonly user: string;
}

export const defaultKubeconfigName = "wherry";

export function kubeconfigOf({ name = defaultKubeconfigName, server, caPem, client }: KubeconfigEntry): Kubeconfig {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(caPem) } }],
    users: [
      {
        name,
        user: { "client-certificate-data": base64(client.certPem), "client-key-data": base64(client.keyPem) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
}

/** The file that the user's kubectl changes: the first one that KUBECONFIG names, or ~/.kube/config. */
export function userKubeconfigFile(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
): string {
  const listed = (environment["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return listed[0] ?? join(home, ".kube", "config");
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
