import { SigningRequestError } from "../../certs/signing-request.ts";
import { keyOf } from "../../client/lister.ts";
import { certificateSigningRequests } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import type { CertificateSigning } from "./certificate-signing.ts";
import { type Csr, hasCondition, isIssued, requestOf } from "./request-state.ts";
import { signers } from "./signers.ts";

/**
 * Signs what was approved, where the cluster itself is the signer; without an authority it does nothing.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export const certificateSigningRequestSigningController: Controller = {
  name: "certificatesigningrequest-signing-controller",
  serviceAccount: "certificate-controller",
  start({ client, informers, reconciler, config: { signing }, log }) {
    if (signing === undefined) return;
    const all = informers.of(certificateSigningRequests);
    const update = async (csr: Csr, status: NonNullable<Csr["status"]>): Promise<void> => {
      await client.update(certificateSigningRequests, { ...csr, status: { ...csr.status, ...status } }, "status");
    };
    const queue = reconciler({
      async reconcile(name) {
        const csr = all.get(name);
        if (csr === undefined || !isToBeSigned(csr)) return;
        const problem = problemOf(csr);
        if (problem === undefined) {
          await update(csr, { certificate: await certificateOf(csr, signing) });
          return;
        }
        log.info("a certificate signing request cannot be signed", { name, problem });
        await update(csr, { conditions: [...(csr.status?.conditions ?? []), failed(problem)] });
      },
    });
    const add = (csr: Csr): void => queue.add(keyOf(csr));
    all.on({ added: add, updated: add });
  },
};

function isToBeSigned(csr: Csr): boolean {
  const isApproved = hasCondition(csr, "Approved") && !hasCondition(csr, "Denied");
  return isApproved && !hasCondition(csr, "Failed") && !isIssued(csr) && signers.has(csr.spec.signerName);
}

function problemOf(csr: Csr): string | undefined {
  try {
    return signers.get(csr.spec.signerName)?.(requestOf(csr), csr.spec.usages ?? []);
  } catch (thrown) {
    if (thrown instanceof SigningRequestError) return thrown.message;
    throw thrown;
  }
}

function failed(message: string): NonNullable<NonNullable<Csr["status"]>["conditions"]>[number] {
  return { type: "Failed", status: "True", reason: "SignerValidationFailure", message };
}

const shortestMs = 10 * 60_000;

/** As long as was asked for, within limits; in base64. */
async function certificateOf(csr: Csr, { authority, lifetimeMs, now }: CertificateSigning): Promise<string> {
  // Loaded when it is needed: the DER code and its library cost start-up time.
  const { signRequest } = await import("../../certs/sign-request.ts");
  const { usages = [], expirationSeconds } = csr.spec;
  const asked = expirationSeconds === undefined ? lifetimeMs : Math.max(expirationSeconds * 1000, shortestMs);
  const pem = signRequest({
    authority: authority(),
    request: requestOf(csr),
    usages,
    now: now(),
    lifetimeMs: Math.min(asked, lifetimeMs),
  });
  return Buffer.from(pem).toString("base64");
}
