import { readAuthorities } from "../../auth/authn/certificates/authorities.ts";
import { unchanging } from "../../auth/authn/changing.ts";
import { signingAlgorithms } from "../../auth/authn/oidc/jwt-authenticator.ts";
import { type RequestHeaderOptions, usualRequestHeaders } from "../../auth/authn/request-header.ts";
import { realClock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import { Scope } from "../../base/scope.ts";
import type { Pki } from "../../certs/pki.ts";
import type { AuthenticationOptions } from "../../server/authentication/authentication-options.ts";
import { type ChangingFile, changingFile, type ReadFile } from "../changing-file.ts";
import { OptionError } from "../option-error.ts";
import type { RequestHeaderChoices } from "./authentication-choices.ts";
import type { ReadAuthentication } from "./read-authentication.ts";

/** How callers are known, as long as the cluster runs. */
export interface AuthenticationSettings extends AsyncDisposable {
  readonly options: AuthenticationOptions;
  readonly requestHeader: RequestHeaderOptions;
  /** PEM, as it is now: who signs the certificates of clients, and those of proxies. */
  readonly clientAuthorities: () => string;
  readonly proxyAuthorities: () => string;
  /** Calls when one of them has changed. */
  onAuthoritiesChange(call: () => void): void;
}

/** The cluster's own authorities always count: its administrators and components come by them. */
export function authenticationSettings(read: ReadAuthentication, pki: Pki, log: Logger): AuthenticationSettings {
  const requestHeader = requestHeaderOptions(read.choices.requestHeader ?? {}, () => proxyAuthorities());
  if (requestHeader.allowedNames.length === 0) requireApart(read, pki);
  const scope = new Scope();
  const following = <T>(file: ReadFile<T> | undefined): ChangingFile<T> | undefined =>
    file === undefined ? undefined : scope.use(changingFile(file, { clock: realClock, log }));
  const clients = following(read.clientAuthorities);
  const proxies = following(read.proxyAuthorities);
  const clientAuthorities = joined(pki.ca.certPem, () => clients?.current);
  const proxyAuthorities = joined(pki.frontProxy.ca.certPem, () => proxies?.current);
  const configuration = following(read.configuration);
  const anonymous = configuration?.current.anonymous ?? { enabled: read.choices.anonymousAuth ?? true, conditions: [] };
  const oidc =
    configuration === undefined
      ? read.flags && { ...read.flags, configuration: unchanging(read.flags.configuration) }
      : { configuration, algorithms: signingAlgorithms };
  return {
    options: {
      clientAuthorities,
      requestHeader,
      staticTokens: read.staticTokens,
      anonymous,
      ...(oidc === undefined ? {} : { oidc }),
      ...(read.webhook === undefined ? {} : { webhook: read.webhook }),
    },
    requestHeader,
    clientAuthorities,
    proxyAuthorities,
    onAuthoritiesChange(call) {
      clients?.onChange(call);
      proxies?.onChange(call);
    },
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

/** The same text as long as nothing changes: whoever reads certificates out of it does so once. */
function joined(own: string, further: () => string | undefined): () => string {
  let made: { readonly further: string | undefined; readonly text: string } | undefined;
  return () => {
    const current = further();
    if (made === undefined || made.further !== current) made = { further: current, text: own + (current ?? "") };
    return made.text;
  };
}

function requestHeaderOptions(choices: RequestHeaderChoices, authorities: () => string): RequestHeaderOptions {
  const { clientCaFile, allowedNames: further = [] } = choices;
  const isAny = clientCaFile !== undefined && further.length === 0;
  const names = (flag: string, given: readonly string[] | undefined, usual: readonly string[]): readonly string[] => {
    if (given?.some((name) => name.trim() === "") === true)
      throw new OptionError(`empty value in ${JSON.stringify(flag)}`);
    return given?.map((name) => name.trim().toLowerCase()) ?? usual;
  };
  return {
    authorities,
    allowedNames: isAny ? [] : [...usualRequestHeaders.allowedNames, ...further],
    usernameHeaders: names(
      "requestheader-username-headers",
      choices.usernameHeaders,
      usualRequestHeaders.usernameHeaders,
    ),
    uidHeaders: names("requestheader-uid-headers", choices.uidHeaders, usualRequestHeaders.uidHeaders),
    groupHeaders: names("requestheader-group-headers", choices.groupHeaders, usualRequestHeaders.groupHeaders),
    extraHeaderPrefixes: names(
      "requestheader-extra-headers-prefix",
      choices.extraHeadersPrefix,
      usualRequestHeaders.extraHeaderPrefixes,
    ),
  };
}

/** Else every client could say that it is a proxy, and be anybody. */
function requireApart({ clientAuthorities, proxyAuthorities }: ReadAuthentication, pki: Pki): void {
  const prints = (own: string, further: ReadFile<string> | undefined): readonly string[] =>
    readAuthorities(own + (further?.value ?? "")).certificates.map(({ fingerprint256 }) => fingerprint256);
  const clients = new Set(prints(pki.ca.certPem, clientAuthorities));
  if (prints(pki.frontProxy.ca.certPem, proxyAuthorities).some((print) => clients.has(print)))
    throw new OptionError(
      "--requestheader-client-ca-file and --client-ca-file contain overlapping certificates; --requestheader-allowed-names must be specified to ensure regular client certificates cannot set authenticating proxy headers for arbitrary users",
    );
}
