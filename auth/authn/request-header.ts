import { headerValues } from "../../api/header-values.ts";
import type { ApiRequest, UserInfo } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { subjectOf } from "../../certs/distinguished-name.ts";
import { AuthenticationError, type Authenticator } from "./authenticator.ts";
import { currentAuthorities } from "./certificates/authorities.ts";
import { createPeerVerifier } from "./certificates/verified-peer.ts";

/** How a proxy in front of the server says who asks. Names of headers are in lower case. */
export interface RequestHeaderOptions {
  /** PEM, as it is now: who signs the certificates of such proxies. */
  readonly authorities: () => string;
  /** Common names of their certificates; none for any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** What kubeadm sets, and what this server itself sends to aggregated ones. */
export const usualRequestHeaders: Omit<RequestHeaderOptions, "authorities"> = {
  allowedNames: ["front-proxy-client"],
  usernameHeaders: ["x-remote-user"],
  uidHeaders: ["x-remote-uid"],
  groupHeaders: ["x-remote-group"],
  extraHeaderPrefixes: ["x-remote-extra-"],
};

/**
 * Who a proxy says the user is, and only a proxy that is known by its certificate.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy
 */
export function requestHeader(options: RequestHeaderOptions, clock: Clock): Authenticator {
  const verified = createPeerVerifier(currentAuthorities(options.authorities), clock);
  const { allowedNames } = options;
  return (request) => {
    const { certificate } = request.peer;
    if (certificate === undefined || !options.usernameHeaders.some((name) => name in request.headers)) return undefined;
    const { commonName } = subjectOf(verified(certificate));
    if (allowedNames.length > 0 && !allowedNames.includes(commonName))
      throw new AuthenticationError(`x509: subject with cn=${commonName} is not in the allowed list`);
    return userOf(request, options);
  };
}

function userOf(request: ApiRequest, options: RequestHeaderOptions): UserInfo | undefined {
  const values = (names: readonly string[]): string[] =>
    names.flatMap((name) => headerValues(request, name)).filter((value) => value !== "");
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => headerValues(request, name)[0]).find((value) => value !== undefined && value !== "");
  const name = first(options.usernameHeaders);
  if (name === undefined) return undefined;
  const uid = first(options.uidHeaders);
  const extra = extraOf(request, options.extraHeaderPrefixes);
  return {
    name,
    ...(uid === undefined ? {} : { uid }),
    groups: values(options.groupHeaders),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

function extraOf(request: ApiRequest, prefixes: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes)
    for (const header of Object.keys(request.headers)) {
      if (!header.startsWith(prefix)) continue;
      const key = unescaped(header.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...headerValues(request, header)]);
    }
  return extra;
}

/** Percent-encoded, since header names know neither "/" nor upper case; what cannot be decoded stands for itself. */
export function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Whether a header says, or would say, who the user is. */
export function isRequestHeader(name: string, options: RequestHeaderOptions): boolean {
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = options;
  return (
    [usernameHeaders, uidHeaders, groupHeaders].some((names) => names.includes(name)) ||
    extraHeaderPrefixes.some((prefix) => name.startsWith(prefix))
  );
}
