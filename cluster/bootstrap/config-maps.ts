import type { ConfigMap } from "../../api/generated/types/core-v1.ts";
import type { RequestHeaderOptions } from "../../auth/authn/request-header.ts";

/** By whom callers are known. */
export interface Trust {
  /** PEM, as it is now: who signs the certificates of clients. */
  readonly clientAuthorities: () => string;
  readonly requestHeader: RequestHeaderOptions;
}

/** What extension API servers read to know whom to trust. https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/ */
export function authenticationConfigMap({ clientAuthorities, requestHeader }: Trust): ConfigMap {
  const { authorities, allowedNames, extraHeaderPrefixes, groupHeaders, uidHeaders, usernameHeaders } = requestHeader;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" },
    data: {
      "client-ca-file": clientAuthorities(),
      "requestheader-allowed-names": JSON.stringify(allowedNames),
      "requestheader-client-ca-file": authorities(),
      "requestheader-extra-headers-prefix": headerNames(extraHeaderPrefixes),
      "requestheader-group-headers": headerNames(groupHeaders),
      "requestheader-uid-headers": headerNames(uidHeaders),
      "requestheader-username-headers": headerNames(usernameHeaders),
    },
  };
}

/** As they are usually written: X-Remote-User. */
function headerNames(names: readonly string[]): string {
  return JSON.stringify(names.map((name) => name.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase())));
}
