import type { SubjectAccessReview } from "../../api/generated/types/authorization-v1.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import { SigningRequestError, type SigningRequest } from "../../certs/signing-request.ts";
import type { Client } from "../../client/client.ts";
import { keyOf } from "../../client/lister.ts";
import { certificateSigningRequests, subjectAccessReviews } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { type Csr, hasCondition, isIssued, requestOf } from "./request-state.ts";
import { kubeletClientProblem, kubeletClientSigner } from "./signers.ts";

/** Which requests of nodes are approved without being looked at by people: those of who may ask for one of these. */
interface Recognizer {
  readonly recognizes: (csr: Csr, request: SigningRequest) => boolean;
  /** Of certificatesigningrequests. */
  readonly subresource: string;
  readonly message: string;
}

const isNodeClient = ({ spec }: Csr, request: SigningRequest): boolean =>
  spec.signerName === kubeletClientSigner && kubeletClientProblem(request, spec.usages ?? []) === undefined;

const recognizers: readonly Recognizer[] = [
  {
    recognizes: (csr, request) => csr.spec.username === request.commonName && isNodeClient(csr, request),
    subresource: "selfnodeclient",
    message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
  },
  {
    recognizes: isNodeClient,
    subresource: "nodeclient",
    message: "Auto approving kubelet client certificate after SubjectAccessReview.",
  },
];

/**
 * Approves client certificates of nodes, for those who may have them.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#approval
 */
export const certificateSigningRequestApprovingController: Controller = {
  name: "certificatesigningrequest-approving-controller",
  serviceAccount: "certificate-controller",
  start({ client, informers, reconciler, clock, log }) {
    const all = informers.of(certificateSigningRequests);
    const queue = reconciler({
      async reconcile(name) {
        const csr = all.get(name);
        if (csr === undefined || isDecided(csr)) return;
        const fitting = fittingFor(csr);
        for (const { subresource, message } of fitting) {
          if (!(await mayAsk(client, csr, subresource))) continue;
          await client.update(certificateSigningRequests, approved(csr, message), "approval");
          return;
        }
        if (fitting.length === 0) return;
        const tried = fitting.map(({ subresource }) => subresource);
        log.debug("a request was recognized, but its subject access review was not approved", { name, tried });
        // Permissions may come later: asked for ever more seldom.
        return { after: patience(clock.now() - (timeMillis(csr.metadata?.creationTimestamp) ?? 0)) };
      },
    });
    const add = (csr: Csr): void => queue.add(keyOf(csr));
    all.on({ added: add, updated: add });
  },
};

function isDecided(csr: Csr): boolean {
  return isIssued(csr) || hasCondition(csr, "Approved") || hasCondition(csr, "Denied");
}

function fittingFor(csr: Csr): readonly Recognizer[] {
  try {
    const request = requestOf(csr);
    return recognizers.filter(({ recognizes }) => recognizes(csr, request));
  } catch (thrown) {
    if (thrown instanceof SigningRequestError) return [];
    throw thrown;
  }
}

/** Waits as long again as it has waited so far, within these limits. */
function patience(ageMs: number): number {
  return Math.min(Math.max(ageMs, 1_000), 1_000_000);
}

async function mayAsk(client: Client, { spec }: Csr, subresource: string): Promise<boolean> {
  const { username = "", uid, groups, extra } = spec;
  const review: SubjectAccessReview = {
    spec: {
      user: username,
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined ? {} : { groups: [...groups] }),
      ...(extra === undefined
        ? {}
        : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
      resourceAttributes: {
        group: "certificates.k8s.io",
        resource: "certificatesigningrequests",
        version: "*",
        verb: "create",
        subresource,
      },
    },
  };
  return (await client.create(subjectAccessReviews, review)).status?.allowed === true;
}

function approved(csr: Csr, message: string): Csr {
  const condition = { type: "Approved", status: "True", reason: "AutoApproved", message };
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } };
}
