import type { Received, Reply, TestServer } from "../../server/webhook/https-server.testing.ts";
import type { Stage } from "../kubectl/stage.ts";

/** What a webhook is asked, as far as the suite looks. */
export interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly kind: object;
    readonly resource: object;
    readonly requestKind: object;
    readonly name: string;
    readonly namespace: string;
    readonly operation: string;
    readonly userInfo: { readonly username?: string; readonly groups?: readonly string[] };
    readonly object: { readonly metadata: object; readonly data?: object } | null;
    readonly oldObject: { readonly data?: object } | null;
    readonly dryRun: boolean;
    readonly options: object | null;
  };
}

export function reviewOf({ body }: Received): Review {
  return JSON.parse(body.toString("utf8")) as Review;
}

export function answer(received: Received, response: object): Reply {
  const { uid } = reviewOf(received).request;
  return {
    body: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, allowed: true, ...response } },
  };
}

export function patched(received: Received, operations: readonly object[]): Reply {
  const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
  return answer(received, { patchType: "JSONPatch", patch });
}

/** One hook for the config maps of the stage's namespace; its name is that of the path. */
export function hook({ namespace }: Stage, server: TestServer, path: string, more: object = {}): object {
  return {
    name: `${path}.conformance.example`,
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    timeoutSeconds: 5,
    clientConfig: { url: `${server.url}/${path}`, caBundle: server.caBundle },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    rules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE", "DELETE"], resources: ["configmaps"] },
    ],
    ...more,
  };
}

/** Hooks that are there until the scope ends. */
export async function register(
  { kubectl, run }: Stage,
  kind: "Validating" | "Mutating",
  ...webhooks: readonly object[]
): Promise<AsyncDisposable> {
  const name = `conformance-${run}`;
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  };
  await kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(configuration) });
  return {
    async [Symbol.asyncDispose]() {
      await kubectl.ok(["delete", `${kind.toLowerCase()}webhookconfiguration`, name]);
    },
  };
}
