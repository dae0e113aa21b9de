import type { PodSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required } from "../machinery/findings.ts";
import { ipProblems } from "../machinery/ip.ts";
import { dnsSubdomainWithUnderscore } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** What the resolver of glibc 2.26 takes. */
const mostServers = 3;
const mostSearches = 32;
const longestSearches = 2048;

export function validateDns({ dnsPolicy, dnsConfig }: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === "None" && dnsConfig === undefined)
    return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")];
  if (dnsPolicy === "None" && nameservers.length === 0)
    return [required(`${path}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None")];
  const findings: FieldError[] = [];
  if (nameservers.length > mostServers)
    findings.push(bad(`${path}.nameservers`, nameservers, `must not have more than ${mostServers} nameservers`));
  return [
    ...findings,
    ...nameservers.flatMap((ip, index) => named(`${path}.nameservers[${index}]`, ip, ipProblems(ip))),
    ...validateSearches(searches, `${path}.searches`),
    ...options.flatMap(({ name }, index) => (name ? [] : [required(`${path}.options[${index}]`, "must not be empty")])),
  ];
}

function validateSearches(searches: readonly string[], path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (searches.length > mostSearches)
    findings.push(bad(path, searches, `must not have more than ${mostSearches} search paths`));
  if (searches.join(" ").length > longestSearches) {
    const detail = `must not have more than ${longestSearches} characters (including spaces) in the search list`;
    findings.push(bad(path, searches, detail));
  }
  for (const [index, search] of searches.entries()) {
    if (search === ".") continue;
    const bare = search.replace(/\.$/, "");
    findings.push(...named(`${path}[${index}]`, bare, dnsSubdomainWithUnderscore(bare)));
  }
  return findings;
}
