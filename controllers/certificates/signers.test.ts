import { describe, expect, it } from "vitest";
import { newSigningRequest } from "../../certs/new-signing-request.ts";
import { readSigningRequest, type SigningRequest } from "../../certs/signing-request.ts";
import { signers } from "./signers.ts";

interface Wanted extends Partial<Pick<SigningRequest, "emailAddresses" | "uris">> {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly names?: readonly string[];
}

function request({
  commonName = "system:node:foo",
  organizations = ["system:nodes"],
  names,
  ...more
}: Wanted): SigningRequest {
  const subject = { commonName, organizations };
  const { requestPem } = newSigningRequest({ subject, ...(names === undefined ? {} : { names }) });
  return { ...readSigningRequest(requestPem), ...more };
}

const rsa = (purpose: string): readonly string[] => ["digital signature", "key encipherment", purpose];
const ec = (purpose: string): readonly string[] => ["digital signature", purpose];
const clientUsages = "usages did not match [client auth digital signature key encipherment]";
const serverUsages = "usages did not match [digital signature key encipherment server auth]";
const group = "subject organization is not system:nodes";
const name = "subject common name does not begin with system:node:";

describe("kubernetes.io/kube-apiserver-client-kubelet", () => {
  it.each<[string, Wanted, readonly string[], string | undefined]>([
    ["a node's", {}, rsa("client auth"), undefined],
    ["a node's without the usage of RSA", {}, ec("client auth"), undefined],
    ["another group's", { organizations: ["foo"] }, ec("client auth"), group],
    ["another group's, too", { organizations: ["system:nodes", "foo"] }, ec("client auth"), group],
    ["a user's", { commonName: "jane" }, ec("client auth"), name],
    ["one with a DNS name", { names: ["foo.com"] }, ec("client auth"), "DNS subjectAltNames are not allowed"],
    ["one with an address", { names: ["1.2.3.4"] }, ec("client auth"), "IP subjectAltNames are not allowed"],
    [
      "one with a mail address",
      { emailAddresses: ["a@b"] },
      ec("client auth"),
      "Email subjectAltNames are not allowed",
    ],
    ["one with a URI", { uris: ["a:b"] }, ec("client auth"), "URI subjectAltNames are not allowed"],
    ["a server's", {}, ec("server auth"), clientUsages],
    ["one without a signature", {}, ["client auth"], clientUsages],
    ["one for more", {}, [...rsa("client auth"), "server auth"], clientUsages],
    ["one for nothing", {}, [], clientUsages],
  ])("judges %s", (_what, wanted, usages, problem) => {
    expect(signers.get("kubernetes.io/kube-apiserver-client-kubelet")?.(request(wanted), usages)).toBe(problem);
  });
});

describe("kubernetes.io/kubelet-serving", () => {
  const names = ["foo.example.com", "10.0.0.1"];
  it.each<[string, Wanted, readonly string[], string | undefined]>([
    ["a node's", { names }, rsa("server auth"), undefined],
    ["a node's without the usage of RSA", { names }, ec("server auth"), undefined],
    ["one without names", {}, ec("server auth"), "DNS or IP subjectAltName is required"],
    ["another group's", { names, organizations: [] }, ec("server auth"), group],
    ["a user's", { names, commonName: "jane" }, ec("server auth"), name],
    [
      "one with a mail address",
      { names, emailAddresses: ["a@b"] },
      ec("server auth"),
      "Email subjectAltNames are not allowed",
    ],
    ["one with a URI", { names, uris: ["a:b"] }, ec("server auth"), "URI subjectAltNames are not allowed"],
    ["a client's", { names }, ec("client auth"), serverUsages],
  ])("judges %s", (_what, wanted, usages, problem) => {
    expect(signers.get("kubernetes.io/kubelet-serving")?.(request(wanted), usages)).toBe(problem);
  });
});

describe("kubernetes.io/kube-apiserver-client", () => {
  it.each<[readonly string[], string | undefined]>([
    [["client auth"], undefined],
    [["client auth", "digital signature", "key encipherment"], undefined],
    [["digital signature"], "missing required usage for client certificate: client auth"],
    [["client auth", "server auth"], "invalid usage for client certificate: server auth"],
  ])("judges %j", (usages, problem) => {
    const user = request({ commonName: "jane", organizations: ["dev"], names: ["x.com"] });
    expect(signers.get("kubernetes.io/kube-apiserver-client")?.(user, usages)).toBe(problem);
  });
});

it("what nobody here signs is left to others", () => {
  expect(signers.has("kubernetes.io/other")).toBe(false);
  expect(signers.get("kubernetes.io/legacy-unknown")?.(request({}), ["any"])).toBeUndefined();
});
