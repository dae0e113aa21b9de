import type { FieldError } from "../machinery/field-error.ts";
import { bad, required, tooLong } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain, type Problems } from "../machinery/names.ts";

const longestDomain = 253;
/** Behind the slash there may be `<namespace>.<name>` of what the signer stands for: a label, a dot and a subdomain. */
const longestName = longestDomain + 1 + (63 + 1 + 253);

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers */
export function validateSignerName(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const [domain = "", signer = "", ...more] = name.split("/");
  if (!name.includes("/") || more.length > 0)
    return [bad(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const findings: FieldError[] = domain.length > longestDomain ? [tooLong(path, longestDomain)] : [];
  const labels = domain.split(".");
  findings.push(...firstWrong(labels, dnsLabel, { path, of: domain }));
  if (labels.length < 2)
    findings.push(bad(path, domain, "should be a domain with at least two segments separated by dots"));
  findings.push(...firstWrong(signer.split("."), dnsSubdomain, { path, of: signer }));
  if (name.length > longestName) findings.push(tooLong(path, longestName));
  return findings;
}

function firstWrong(
  labels: readonly string[],
  rule: (label: string) => Problems,
  { path, of }: { readonly path: string; readonly of: string },
): FieldError[] {
  for (const label of labels) {
    const problems = rule(label);
    if (problems.length > 0)
      return problems.map((problem) => bad(path, of, `validating label ${JSON.stringify(label)}: ${problem}`));
  }
  return [];
}
