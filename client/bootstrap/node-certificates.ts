import type { ClientCertificate } from "../https/options.ts";
import { requestCertificate, type RequestDeps } from "./request-certificate.ts";

/** Makes a key, and a request for a certificate for it, signed by the key (PKCS#10, PEM both). */
export type NewRequest = (wanted: {
  readonly subject: { readonly commonName: string; readonly organizations: readonly string[] };
  readonly names?: readonly string[];
}) => { readonly keyPem: string; readonly requestPem: string };

export interface NodeCertificateOptions extends RequestDeps {
  readonly nodeName: string;
  readonly newRequest: NewRequest;
  readonly expirationSeconds?: number;
}

/** By which the node is known to the API server: approved by the cluster itself, for tokens to join by and for nodes. */
export function requestClientCertificate(options: NodeCertificateOptions): Promise<ClientCertificate> {
  return certificateFor(options, {
    signer: "kube-apiserver-client-kubelet",
    usage: "client auth",
    prefix: "node-csr-",
  });
}

/** By which others know the node's own server, by these names and addresses: an administrator has to approve it. */
export function requestServingCertificate(
  options: NodeCertificateOptions & { readonly names: readonly string[] },
): Promise<ClientCertificate> {
  return certificateFor(options, { signer: "kubelet-serving", usage: "server auth", prefix: "csr-" });
}

async function certificateFor(
  {
    nodeName,
    newRequest,
    expirationSeconds,
    names,
    ...deps
  }: NodeCertificateOptions & { readonly names?: readonly string[] },
  { signer, usage, prefix }: { readonly signer: string; readonly usage: string; readonly prefix: string },
): Promise<ClientCertificate> {
  const subject = { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] };
  const { keyPem, requestPem } = newRequest({ subject, ...(names === undefined ? {} : { names }) });
  const certPem = await requestCertificate(
    {
      requestPem,
      signerName: `kubernetes.io/${signer}`,
      // An EC key enciphers nothing: no "key encipherment".
      usages: ["digital signature", usage],
      prefix,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
    deps,
  );
  return { certPem, keyPem };
}
