import type { CertificateSigningRequest, CertificateSigningRequestSpec } from "../generated/types/certificates-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, required, unsupported } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";

type Request = DeepReadonly<CertificateSigningRequest>;

export function validateRequest(request: Request, { subresource }: WriteContext): FieldError[] {
  const findings = validateConditions(request.status?.conditions ?? [], "status.conditions");
  return subresource === "" ? [...validateSpec(request.spec), ...findings] : findings;
}

const knownUsages = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];
const shortestSeconds = 600;

function validateSpec({
  request,
  usages,
  signerName,
  expirationSeconds: seconds,
}: DeepReadonly<CertificateSigningRequestSpec>): FieldError[] {
  const findings = validatePem(request ?? "");
  const chosen = usages ?? [];
  if (chosen.length === 0) findings.push(required("spec.usages"));
  for (const [index, usage] of chosen.entries()) {
    if (!knownUsages.includes(usage)) findings.push(unsupported(`spec.usages[${index}]`, usage, knownUsages));
    if (chosen.indexOf(usage) !== index) findings.push(duplicate(`spec.usages[${index}]`, usage));
  }
  findings.push(...validateSignerName(signerName, "spec.signerName"));
  if (seconds !== undefined && seconds < shortestSeconds) {
    const detail = "may not specify a duration less than 600 seconds (10 minutes)";
    findings.push(bad("spec.expirationSeconds", seconds, detail));
  }
  return findings;
}

/** The request's own signature is checked by who signs: here it only has to be one PEM block of the right type. */
function validatePem(base64: string): FieldError[] {
  const text = Buffer.from(base64, "base64").toString("latin1");
  const type = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+-----END \1-----/.exec(text)?.[1];
  if (type === "CERTIFICATE REQUEST") return [];
  return [bad("spec.request", base64, "PEM block type must be CERTIFICATE REQUEST")];
}

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers */
function validateSignerName(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const [domain = "", signer = "", ...more] = name.split("/");
  if (!name.includes("/") || more.length > 0) {
    return [bad(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  const findings = [...named(path, domain, dnsSubdomain(domain)), ...named(path, signer, dnsSubdomain(signer))];
  if (findings.length === 0 && !domain.includes(".")) {
    findings.push(bad(path, domain, "should be a domain with at least two segments separated by dots"));
  }
  return findings;
}

type Conditions = NonNullable<NonNullable<Request["status"]>["conditions"]>;

function validateConditions(conditions: Conditions, path: string): FieldError[] {
  const seen = new Set<string>();
  const findings: FieldError[] = [];
  for (const [index, { type, status }] of conditions.entries()) {
    const at = `${path}[${index}]`;
    if (!type) findings.push(required(`${at}.type`));
    if (seen.has(type)) findings.push(duplicate(`${at}.type`, type));
    seen.add(type);
    const allowed = ["Approved", "Denied", "Failed"].includes(type) ? ["True"] : ["True", "False", "Unknown"];
    if (!status) findings.push(required(`${at}.status`));
    else if (!allowed.includes(status)) findings.push(unsupported(`${at}.status`, status, allowed));
    if (type === "Denied" ? seen.has("Approved") : type === "Approved" && seen.has("Denied")) {
      findings.push(bad(`${at}.type`, type, "Approved and Denied conditions are mutually exclusive"));
    }
  }
  return findings;
}

/** A decision stands: it can neither be taken back nor be changed, and an issued certificate stays. */
export function validateRequestUpdate(request: Request, old: Request, { subresource }: WriteContext): FieldError[] {
  const findings: FieldError[] = [];
  const before = old.status?.conditions ?? [];
  const after = request.status?.conditions ?? [];
  for (const type of ["Approved", "Denied", "Failed"]) {
    const was = before.filter((condition) => condition.type === type);
    const is = after.filter((condition) => condition.type === type);
    const may = type === "Failed" ? subresource === "status" : subresource === "approval";
    if (is.length < was.length) {
      findings.push(forbidden("status.conditions", `updates may not remove a condition of type "${type}"`));
    } else if (is.length > was.length && !may) {
      findings.push(forbidden("status.conditions", `updates may not add a condition of type "${type}"`));
    } else if (was.length > 0 && !semanticEqual(is, was)) {
      findings.push(forbidden("status.conditions", `updates may not modify a condition of type "${type}"`));
    }
  }
  const certificate = request.status?.certificate ?? "";
  const issued = old.status?.certificate ?? "";
  if (issued === "") findings.push(...validateCertificate(certificate));
  if (issued !== "" && certificate !== issued) {
    findings.push(forbidden("status.certificate", "updates may not change a certificate once set"));
  }
  return findings;
}

/** PEM blocks of certificates and nothing else, but text between them: what is in the blocks is its signer's business. */
function validateCertificate(base64: string): FieldError[] {
  if (base64 === "") return [];
  const text = Buffer.from(base64, "base64").toString("latin1");
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/g)];
  const refuse = (detail: string): FieldError[] => [bad("status.certificate", "<certificate data>", detail)];
  const other = blocks.find(([, type]) => type !== "CERTIFICATE")?.[1];
  if (other !== undefined) return refuse(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other)}`);
  if (blocks.some(([, , body = ""]) => body.includes(":"))) return refuse("no PEM block headers are permitted");
  return blocks.length === 0 ? refuse("must contain at least one CERTIFICATE PEM block") : [];
}
