import type { FieldError } from "./field-error.ts";
import { bad, named, required } from "./findings.ts";
import { dnsSubdomain } from "./names.ts";

const segment = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const whole = new RegExp(`^${segment}$`);

/** Names of software as `acme.io/foo`, of any depth. */
export function domainPrefixedPath(field: string, value: string): FieldError[] {
  if (value === "") return [required(field)];
  const slash = value.indexOf("/");
  if (slash <= 0 || slash === value.length - 1)
    return [bad(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const [domain, path] = [value.slice(0, slash), value.slice(slash + 1)];
  const findings = named(field, domain, dnsSubdomain(domain));
  if (!whole.test(path)) findings.push(bad(field, path, `Invalid path (regex used for validation is '${segment}')`));
  return findings;
}
