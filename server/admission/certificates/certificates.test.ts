import { describe, expect, it } from "vitest";
import type { CertificateSigningRequest } from "../../../api/generated/types/certificates-v1.ts";
import { allowed, type Attributes, type Authorizer, noOpinion } from "../../../auth/authz/authorizer.ts";
import { newSigningRequest } from "../../../certs/new-signing-request.ts";
import { admissionRequest, refusal } from "../objects.testing.ts";
import { certificateApproval } from "./certificate-approval.ts";
import { certificateSigning } from "./certificate-signing.ts";
import { certificateSubjectRestriction } from "./certificate-subject-restriction.ts";

const resource = "certificatesigningrequests.certificates.k8s.io";

/** Lets one user do one thing in the name of some signers. */
const letting =
  (verb: string, ...names: readonly string[]): Authorizer =>
  (asked: Attributes) =>
    asked.verb === verb &&
    asked.user.name === "ann" &&
    asked.resource?.group === "certificates.k8s.io" &&
    asked.resource.resource === "signers" &&
    names.includes(asked.resource.name)
      ? allowed
      : noOpinion;

function csr(
  status: CertificateSigningRequest["status"] = {},
  spec: Partial<CertificateSigningRequest["spec"]> = {},
): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: "x" },
    spec: { request: "", signerName: "abc.com/xyz", usages: ["client auth"], ...spec },
    status,
  };
}

describe("CertificateApproval", () => {
  it.each([
    ["the signer itself", "approve", ["abc.com/xyz"], true],
    ["all of its domain", "approve", ["abc.com/*"], true],
    ["another verb", "sign", ["abc.com/xyz"], false],
    ["another domain", "approve", ["abc.com/other", "com/*", "xyz.com/*"], false],
  ] as const)("with a permission for %s", async (_what, verb, names, may) => {
    const request = admissionRequest(resource, { object: csr(), old: csr(), subresource: "approval" });
    expect(await refusal(certificateApproval({ authorize: letting(verb, ...names) }), request)).toBe(
      may
        ? undefined
        : 'certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to approve requests with signerName "abc.com/xyz"',
    );
  });

  it("asks for the signer of the stored request", async () => {
    const object = csr({}, { signerName: "mine.com/x" });
    const request = admissionRequest(resource, { object, old: csr(), subresource: "approval" });
    expect(await refusal(certificateApproval({ authorize: letting("approve", "mine.com/x") }), request)).toContain(
      '"abc.com/xyz"',
    );
  });

  it.each(["", "status"])("leaves the endpoint %j alone", async (subresource) => {
    const request = admissionRequest(resource, { object: csr(), old: csr(), subresource });
    expect(await refusal(certificateApproval({ authorize: letting("none") }), request)).toBeUndefined();
  });
});

describe("CertificateSigning", () => {
  const issued = csr({ certificate: "AAAA" });
  const failed = csr({ conditions: [{ type: "Failed", status: "True" }] });

  it.each<[string, CertificateSigningRequest, readonly string[], boolean]>([
    ["a certificate, with a permission for the signer", issued, ["abc.com/xyz"], true],
    ["a certificate, with a permission for the domain", issued, ["abc.com/*"], true],
    ["a certificate without a permission", issued, [], false],
    ["a failure without a permission", failed, [], false],
    ["nothing without a permission", csr(), [], true],
  ])("judges who writes %s", async (_what, object, names, may) => {
    const request = admissionRequest(resource, { object, old: csr(), subresource: "status" });
    expect(await refusal(certificateSigning({ authorize: letting("sign", ...names) }), request)).toBe(
      may
        ? undefined
        : 'certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to sign requests with signerName "abc.com/xyz"',
    );
  });
});

describe("CertificateSubjectRestriction", () => {
  const asking = (signerName: string, ...organizations: readonly string[]): CertificateSigningRequest => {
    const { requestPem } = newSigningRequest({ subject: { commonName: "x", organizations } });
    return csr({}, { signerName, request: Buffer.from(requestPem).toString("base64") });
  };
  const judged = (object: CertificateSigningRequest): Promise<string | undefined> =>
    refusal(certificateSubjectRestriction(), admissionRequest(resource, { object }));

  it("refuses system:masters to clients, and to nobody else", async () => {
    expect(await judged(asking("kubernetes.io/kube-apiserver-client", "dev", "system:masters"))).toBe(
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
    expect(await judged(asking("kubernetes.io/kube-apiserver-client", "dev"))).toBeUndefined();
    expect(await judged(asking("abc.com/xyz", "system:masters"))).toBeUndefined();
  });

  it("refuses what it cannot read", async () => {
    expect(await judged(csr({}, { signerName: "kubernetes.io/kube-apiserver-client", request: "AAAA" }))).toBe(
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: failed to parse CSR: PEM block type must be CERTIFICATE REQUEST',
    );
  });
});
