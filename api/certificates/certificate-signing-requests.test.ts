import { describe, expect, it } from "vitest";
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from "../generated/types/certificates-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { ago, findingsOf, sampleWriteContext } from "../row.testing.ts";
import { certificateSigningRequests } from "./certificate-signing-requests.ts";

const pem = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
const approved: CertificateSigningRequestCondition = { type: "Approved", status: "True" };
const denied: CertificateSigningRequestCondition = { type: "Denied", status: "True" };
const failed: CertificateSigningRequestCondition = { type: "Failed", status: "True" };

function request(
  status: CertificateSigningRequest["status"] = {},
  spec: Partial<CertificateSigningRequest["spec"]> = {},
): CertificateSigningRequest {
  return {
    metadata: { name: "ann" },
    spec: {
      request: Buffer.from(pem).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client",
      usages: ["client auth"],
      ...spec,
    },
    status,
  };
}

describe("the table of requests", () => {
  it.each<[string, CertificateSigningRequestCondition[], string | undefined, string]>([
    ["a new one", [], undefined, "Pending"],
    ["an approved one", [approved], undefined, "Approved"],
    ["an issued one", [approved], "AAAA", "Approved,Issued"],
    ["a denied one", [denied], undefined, "Denied"],
    ["a failed one", [approved, failed], undefined, "Approved,Failed"],
  ])("shows %s", (_what, conditions, certificate, cell) => {
    const status = { conditions, ...(certificate === undefined ? {} : { certificate }) };
    expect(certificateSigningRequests.table?.cells(request(status), { now: 0 })[5]).toBe(cell);
  });

  it("shows who asked and for how long", () => {
    const object = request({}, { username: "ann", expirationSeconds: 3600 });
    expect(certificateSigningRequests.table?.cells(object, { now: 0 }).slice(0, 5)).toEqual([
      "ann",
      "<unknown>",
      "kubernetes.io/kube-apiserver-client",
      "ann",
      "60m",
    ]);
  });
});

describe("who asks", () => {
  it("is the writer, whatever the request says", () => {
    const object = request(
      { conditions: [approved] },
      { username: "root", uid: "0", groups: ["system:masters"], extra: { a: ["b"] } },
    );
    const user = { name: "ann", uid: "7", groups: ["dev"], extra: { scopes: ["x"] } };
    certificateSigningRequests.prepareForCreate?.(object, sampleWriteContext({ user }));
    expect(object.spec).toMatchObject({ username: "ann", uid: "7", groups: ["dev"], extra: { scopes: ["x"] } });
    expect(object.status).toEqual({});
  });

  it("leaves out what the writer does not have", () => {
    const object = request({}, { uid: "0", extra: { a: ["b"] } });
    certificateSigningRequests.prepareForCreate?.(object, sampleWriteContext());
    expect(object.spec).not.toHaveProperty("uid");
    expect(object.spec).not.toHaveProperty("extra");
  });
});

describe("a write of conditions", () => {
  const at = ago(0);

  it("gets times at the approval endpoint", () => {
    const object = request({ conditions: [{ ...approved }] });
    certificateSigningRequests.prepareForUpdate?.(object, request(), sampleWriteContext({ subresource: "approval" }));
    expect(object.status?.conditions).toEqual([{ ...approved, lastUpdateTime: at, lastTransitionTime: at }]);
  });

  it("keeps the time of what stood before", () => {
    const old = request({ conditions: [{ ...approved, lastTransitionTime: "2025-01-01T00:00:00Z" }] });
    const object = request({ conditions: [{ ...approved }] });
    certificateSigningRequests.prepareForUpdate?.(object, old, sampleWriteContext({ subresource: "approval" }));
    expect(object.status?.conditions?.[0]?.lastTransitionTime).toBe("2025-01-01T00:00:00Z");
  });

  it("cannot decide through the status", () => {
    const context = sampleWriteContext({ subresource: "status" });
    const object = request({ conditions: [{ ...approved }, { ...failed }] });
    certificateSigningRequests.prepareForUpdate?.(object, request(), context);
    expect(object.status?.conditions?.map(({ type }) => type)).toEqual(["Approved", "Failed"]);
    expect(findingsOf(certificateSigningRequests, object, request(), "status")).toEqual([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ]);
    const old = request({ conditions: [{ ...approved, reason: "Known", message: "by an administrator" }] });
    const changed = request({ conditions: [{ ...approved, reason: "Other" }] });
    certificateSigningRequests.prepareForUpdate?.(changed, old, context);
    expect(changed.status?.conditions).toMatchObject([{ reason: "Known", message: "by an administrator" }]);
  });
});

describe("validation of requests", () => {
  const context = sampleWriteContext();

  it.each<[string, Partial<CertificateSigningRequest["spec"]>, string[]]>([
    ["a good one", {}, []],
    [
      "no PEM",
      { request: "AAAA" },
      ['spec.request: Invalid value: "AAAA": PEM block type must be CERTIFICATE REQUEST'],
    ],
    ["no usage", { usages: [] }, ["spec.usages: Required value"]],
    [
      "a signer without a path",
      { signerName: "example.com" },
      [
        "spec.signerName: Invalid value: \"example.com\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ],
    ],
    [
      "a signer without a domain",
      { signerName: "example/x" },
      ['spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots'],
    ],
    [
      "a very short life",
      { expirationSeconds: 599 },
      ["spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)"],
    ],
  ])("judges %s", (_what, spec, expected) => {
    const found = certificateSigningRequests.validate?.(request({}, spec), context) ?? [];
    expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
  });

  it("refuses names of signers that are no domain and path, label by label", () => {
    const tell = (signerName: string): string[] => findingsOf(certificateSigningRequests, request({}, { signerName }));
    expect(tell("Example.com/x")).toEqual([
      expect.stringMatching(
        /^spec\.signerName: Invalid value: "Example\.com": validating label "Example": a lowercase/,
      ),
    ]);
    expect(tell("example.com/a..b")).toEqual([
      expect.stringMatching(/^spec\.signerName: Invalid value: "a\.\.b": validating label "": a lowercase/),
    ]);
    expect(tell("example.com/a/b")).toEqual([expect.stringContaining("must be a fully qualified domain and path")]);
    expect(tell("kubernetes.io/legacy-unknown")).toEqual([
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ]);
  });

  it("asks those who can tell", () => {
    const certificates = { signingRequestProblem: () => "x", certificatesProblem: () => "y" };
    const asked = { ...context, certificates };
    expect(certificateSigningRequests.validate?.(request(), asked)).toMatchObject([
      { field: "spec.request", detail: "x" },
    ]);
    const update = { ...asked, subresource: "status", operation: "update" as const };
    const issued = request({ certificate: "AAAA" });
    expect(certificateSigningRequests.validateUpdate?.(issued, request(), update)).toMatchObject([
      { field: "status.certificate", value: "<certificate data>", detail: "y" },
    ]);
  });

  it("refuses two decisions", () => {
    const both = request({ conditions: [approved, denied] });
    expect(findingsOf(certificateSigningRequests, both, request(), "approval")).toEqual([
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ]);
    expect(findingsOf(certificateSigningRequests, both, both, "approval")).toEqual([]);
  });

  it.each<[string, CertificateSigningRequest, CertificateSigningRequest, string, string[]]>([
    [
      "a decision taken back",
      request(),
      request({ conditions: [approved] }),
      "approval",
      ['updates may not remove a condition of type "Approved"'],
    ],
    [
      "a decision elsewhere",
      request({ conditions: [approved] }),
      request(),
      "status",
      ['updates may not add a condition of type "Approved"'],
    ],
    ["a decision in its place", request({ conditions: [approved] }), request(), "approval", []],
    ["a failure in its place", request({ conditions: [failed] }), request(), "status", []],
    [
      "another certificate",
      request({ certificate: "BBBB" }),
      request({ certificate: "AAAA" }),
      "status",
      ["updates may not modify existing certificate content"],
    ],
    [
      "a certificate by who decides",
      request({ certificate: "BBBB" }),
      request(),
      "approval",
      ["updates may not set certificate content"],
    ],
    ["a failure that is told with the decision", request({ conditions: [denied, failed] }), request(), "approval", []],
  ])("judges %s", (_what, object, old, subresource, details) => {
    const found = certificateSigningRequests.validateUpdate?.(object, old, sampleWriteContext({ subresource })) ?? [];
    expect(found.map(({ detail }) => detail)).toEqual(details);
  });
});
