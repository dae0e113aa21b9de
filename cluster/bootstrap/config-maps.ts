import type { KubeObject } from "../../api/machinery/object.ts";

/** What extension API servers read to know whom to trust. https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/ */
export function authenticationConfigMap(pems: {
  readonly clientCa: string;
  readonly frontProxyCa: string;
}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" },
    data: {
      "client-ca-file": pems.clientCa,
      "requestheader-allowed-names": '["front-proxy-client"]',
      "requestheader-client-ca-file": pems.frontProxyCa,
      "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
      "requestheader-group-headers": '["X-Remote-Group"]',
      "requestheader-uid-headers": '["X-Remote-Uid"]',
      "requestheader-username-headers": '["X-Remote-User"]',
    },
  } as KubeObject;
}
