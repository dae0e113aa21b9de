import type { Credential } from "./credential.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import type { SubjectAltNames } from "./subject-alt-names.ts";

export type ClientName = "admin" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler";

/** The users that reach the server with a certificate, under the name of their files. */
const clientSubjects: readonly (readonly [ClientName, DistinguishedName])[] = [
  ["admin", { commonName: "kubernetes-admin", organizations: ["system:masters"] }],
  ["kube-apiserver", { commonName: "system:apiserver", organizations: ["system:masters"] }],
  ["kube-controller-manager", { commonName: "system:kube-controller-manager", organizations: [] }],
  ["kube-scheduler", { commonName: "system:kube-scheduler", organizations: [] }],
];

/** Everything that a cluster trusts and proves itself with. */
export interface Pki {
  /** Signs the serving certificate and all clients. */
  readonly ca: Credential;
  readonly serving: Credential;
  readonly clients: Readonly<Record<ClientName, Credential>>;
  /** Signs and checks service-account tokens (ES256). */
  readonly serviceAccountKey: { readonly privateKeyPem: string; readonly publicKeyPem: string };
  /** What aggregated API servers trust: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/ */
  readonly frontProxy: { readonly ca: Credential; readonly client: Credential };
  /** When the first leaf is due for renewal, in milliseconds since the epoch: call `ensurePki` again then. */
  readonly renewAt: number;
}

/** One leaf to be made or kept. */
export interface Leaf {
  readonly file: string;
  readonly authority: "ca" | "front-proxy-ca";
  readonly subject: DistinguishedName;
  readonly usage: "server" | "client";
  readonly names: SubjectAltNames;
}

/** Every leaf of a cluster; file names as kubeadm has them. */
export function leaves(servingNames: SubjectAltNames): readonly Leaf[] {
  return [
    {
      file: "apiserver",
      authority: "ca",
      subject: { commonName: "kube-apiserver", organizations: [] },
      usage: "server",
      names: servingNames,
    },
    {
      file: "front-proxy-client",
      authority: "front-proxy-ca",
      subject: { commonName: "front-proxy-client", organizations: [] },
      usage: "client",
      names: [],
    },
    ...clientSubjects.map(([file, subject]): Leaf => ({ file, authority: "ca", subject, usage: "client", names: [] })),
  ];
}
