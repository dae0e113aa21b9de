import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad, duplicate, required } from "../../../api/machinery/findings.ts";
import { readAuthorities } from "../certificates/authorities.ts";
import type { Issuer } from "./authentication-configuration.ts";

const policy = "MatchAny";

/** `disallowed`: the issuers of this server's own tokens. */
export function validateIssuer(issuer: Issuer, at: string, disallowed: readonly string[]): FieldError[] {
  const { url, discoveryURL, certificateAuthority, egressSelectorType } = issuer;
  return [
    ...(url === "" ? [required(`${at}.url`)] : validateUrl(url, `${at}.url`, disallowed)),
    ...(discoveryURL === "" ? [] : validateDiscoveryUrl(url, discoveryURL, `${at}.discoveryURL`)),
    ...validateAudiences(issuer, at),
    ...(certificateAuthority === "" ? [] : validateAuthority(certificateAuthority, `${at}.certificateAuthority`)),
    ...(egressSelectorType === "" ? [] : validateEgress(egressSelectorType, `${at}.egressSelectorType`)),
  ];
}

function validateDiscoveryUrl(url: string, discovery: string, at: string): FieldError[] {
  const withoutSlash = (text: string): string => text.replace(/\/+$/, "");
  const isSame = url !== "" && withoutSlash(url) === withoutSlash(discovery);
  return [
    ...(isSame ? [bad(at, discovery, "discoveryURL must be different from URL")] : []),
    ...validateUrl(discovery, at, []),
  ];
}

function validateUrl(url: string, at: string, disallowed: readonly string[]): FieldError[] {
  const findings: FieldError[] = [];
  if (disallowed.includes(url))
    findings.push(bad(at, url, `URL must not overlap with disallowed issuers: [${disallowed.toSorted().join(" ")}]`));
  const problem = syntaxProblem(url);
  if (problem !== undefined) return [...findings, bad(at, url, problem)];
  const [, scheme = "", authority = "", query = "", fragment = ""] =
    /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/is.exec(url) ?? [];
  if (scheme.toLowerCase() !== "https") findings.push(bad(at, url, "URL scheme must be https"));
  if (authority.includes("@")) findings.push(bad(at, url, "URL must not contain a username or password"));
  if (query !== "") findings.push(bad(at, url, "URL must not contain a query"));
  if (fragment !== "") findings.push(bad(at, url, "URL must not contain a fragment"));
  return findings;
}

/** What no URL can be made of, in the words of Go's url.Parse. */
function syntaxProblem(url: string): string | undefined {
  const quoted = JSON.stringify(url);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(url)) return `parse ${quoted}: net/url: invalid control character in URL`;
  if (url.startsWith(":")) return `parse ${quoted}: missing protocol scheme`;
  const escape = /%(?![0-9a-f]{2}).{0,2}/i.exec(url)?.[0];
  if (escape !== undefined) return `parse ${quoted}: invalid URL escape ${JSON.stringify(escape)}`;
  return url.startsWith("https://") && !URL.canParse(url) ? `parse ${quoted}: invalid URL` : undefined;
}

function validateAudiences({ audiences, audienceMatchPolicy }: Issuer, at: string): FieldError[] {
  const field = `${at}.audiences`;
  if (audiences.length === 0) return [required(field, `at least one ${field} is required`)];
  const findings = audiences.flatMap((audience, index) => [
    ...(audience === "" ? [required(`${field}[${index}]`)] : []),
    ...(audiences.indexOf(audience) < index ? [duplicate(`${field}[${index}]`, audience)] : []),
  ]);
  const wrong = (why: string): FieldError => bad(`${at}.audienceMatchPolicy`, audienceMatchPolicy, why);
  if (audiences.length > 1 && audienceMatchPolicy !== policy)
    findings.push(wrong("audienceMatchPolicy must be MatchAny for multiple audiences"));
  if (audiences.length === 1 && audienceMatchPolicy !== "" && audienceMatchPolicy !== policy)
    findings.push(wrong("audienceMatchPolicy must be empty or MatchAny for single audience"));
  return findings;
}

function validateAuthority(pem: string, at: string): FieldError[] {
  try {
    readAuthorities(pem);
    return [];
  } catch (thrown) {
    return [bad(at, "<omitted>", thrown instanceof Error ? thrown.message : String(thrown))];
  }
}

function validateEgress(type: string, at: string): FieldError[] {
  const isKnown = type === "controlplane" || type === "cluster";
  if (!isKnown) return [bad(at, type, "egress selector must be either controlplane or cluster")];
  return [bad(at, type, `egress lookup required with egress selector type ${JSON.stringify(type)}`)];
}
