import type { CertificateSigningRequest, CertificateSigningRequestSpec } from "../generated/types/certificates-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { CertificateChecks, WriteContext } from "../resource.ts";
import { validateSignerName } from "./signer-name.ts";

type Request = DeepReadonly<CertificateSigningRequest>;

const legacyUnknown = "kubernetes.io/legacy-unknown";
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

/** A new request. What it becomes is judged with what it was, by `validateRequestUpdate`. */
export function validateRequest(request: Request, { operation, certificates }: WriteContext): FieldError[] {
  return operation === "update" ? [] : validateSpec(request.spec, certificates);
}

function validateSpec(
  { request, usages, signerName, expirationSeconds: seconds }: DeepReadonly<CertificateSigningRequestSpec>,
  certificates: CertificateChecks | undefined,
): FieldError[] {
  const findings = validatePem(request ?? "", certificates);
  const chosen = usages ?? [];
  if (chosen.length === 0) findings.push(required("spec.usages"));
  for (const [index, usage] of chosen.entries())
    if (!knownUsages.includes(usage)) findings.push(unsupported(`spec.usages[${index}]`, usage, knownUsages));
  for (const [index, usage] of chosen.entries())
    if (chosen.indexOf(usage) !== index) findings.push(duplicate(`spec.usages[${index}]`, usage));
  if (signerName === legacyUnknown)
    findings.push(bad("spec.signerName", signerName, "the legacy signerName is not allowed via this API version"));
  else findings.push(...validateSignerName(signerName, "spec.signerName"));
  if (seconds !== undefined && seconds < shortestSeconds) {
    const detail = "may not specify a duration less than 600 seconds (10 minutes)";
    findings.push(bad("spec.expirationSeconds", seconds, detail));
  }
  return findings;
}

function validatePem(base64: string, certificates: CertificateChecks | undefined): FieldError[] {
  const text = textOf(base64);
  const problem = certificates === undefined ? typeProblem(text) : certificates.signingRequestProblem(text);
  return problem === undefined ? [] : [bad("spec.request", base64, problem)];
}

function typeProblem(text: string): string | undefined {
  const isRequest = text.includes("-----BEGIN CERTIFICATE REQUEST-----");
  return isRequest ? undefined : "PEM block type must be CERTIFICATE REQUEST";
}

const textOf = (base64: string): string => Buffer.from(base64, "base64").toString("latin1");

type Conditions = NonNullable<NonNullable<Request["status"]>["conditions"]>;

/** What an old object had already may stay. */
function validateConditions(conditions: Conditions, before: Conditions): FieldError[] {
  const path = "status.conditions";
  const had = (...types: readonly string[]): boolean => types.every((type) => before.some((one) => one.type === type));
  const hadTwice = new Set(before.map(({ type }) => type)).size < before.length;
  const seen = new Set<string>();
  const findings: FieldError[] = [];
  for (const [index, { type, status }] of conditions.entries()) {
    const at = `${path}[${index}]`;
    if (!type && !had("")) findings.push(required(`${at}.type`));
    const allowed = ["Approved", "Denied", "Failed"].includes(type) ? ["True"] : ["True", "False", "Unknown"];
    if (!status) findings.push(required(`${at}.status`));
    else if (!allowed.includes(status)) findings.push(unsupported(`${at}.status`, status, allowed));
    const contradicted = type === "Denied" ? seen.has("Approved") : type === "Approved" && seen.has("Denied");
    if (contradicted && !had("Approved", "Denied"))
      findings.push(bad(path, type, "Approved and Denied conditions are mutually exclusive"));
    if (seen.has(type) && !hadTwice) findings.push(duplicate(`${at}.type`, type));
    seen.add(type);
  }
  return findings;
}

/** A decision stands: it can neither be taken back nor be changed, and an issued certificate stays. */
export function validateRequestUpdate(
  request: Request,
  old: Request,
  { subresource, certificates }: WriteContext,
): FieldError[] {
  const after = request.status?.conditions ?? [];
  const before = old.status?.conditions ?? [];
  return [
    ...validateConditions(after, before),
    ...validateDecisions(after, before, subresource === "approval"),
    ...validateCertificate(request.status?.certificate ?? "", old.status?.certificate ?? "", {
      mayBeSet: subresource === "status",
      certificates,
    }),
  ];
}

function validateDecisions(after: Conditions, before: Conditions, mayDecide: boolean): FieldError[] {
  const findings: FieldError[] = [];
  for (const type of ["Approved", "Denied", "Failed"]) {
    const was = before.filter((condition) => condition.type === type);
    const is = after.filter((condition) => condition.type === type);
    const refuse = (verb: string): void =>
      void findings.push(forbidden("status.conditions", `updates may not ${verb} a condition of type "${type}"`));
    if (is.length < was.length) refuse("remove");
    else if (mayDecide || type === "Failed") continue;
    else if (is.length > was.length) refuse("add");
    else if (!semanticEqual(is, was)) refuse("modify");
  }
  return findings;
}

function validateCertificate(
  certificate: string,
  issued: string,
  { mayBeSet, certificates }: { readonly mayBeSet: boolean; readonly certificates: CertificateChecks | undefined },
): FieldError[] {
  if (certificate === issued) return [];
  const path = "status.certificate";
  const findings: FieldError[] = [];
  const problem = (base64: string): string | undefined =>
    base64 === "" ? undefined : certificates?.certificatesProblem(textOf(base64));
  const wrong = problem(certificate);
  // One that was let in when less was checked may be replaced by its like, as far as it may be replaced at all.
  if (wrong !== undefined && problem(issued) === undefined) findings.push(bad(path, "<certificate data>", wrong));
  if (!mayBeSet) findings.push(forbidden(path, "updates may not set certificate content"));
  else if (issued !== "") findings.push(forbidden(path, "updates may not modify existing certificate content"));
  return findings;
}
