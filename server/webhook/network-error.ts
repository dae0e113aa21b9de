/** What Node's network errors tell of themselves. */
interface NetworkError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
  /** Of ERR_TLS_CERT_ALTNAME_INVALID. */
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

const untrusted = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
]);
const connectFailures: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["EHOSTUNREACH", "no route to host"],
  ["ENETUNREACH", "network is unreachable"],
  ["ETIMEDOUT", "connection timed out"],
]);

/** Why a connection failed, in the words of Go: people search for them, and tests of operators look for them. */
export function describeNetworkError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const error: NetworkError = thrown;
  const code = error.code ?? "";
  if (untrusted.has(code)) return certificate("certificate signed by unknown authority");
  const connect = connectFailures.get(code);
  if (connect !== undefined && error.address !== undefined)
    return `dial tcp ${joinHostPort(error.address, error.port ?? 0)}: connect: ${connect}`;
  switch (code) {
    case "ENOTFOUND":
      return `dial tcp: lookup ${error.hostname ?? ""}: no such host`;
    case "EAI_AGAIN":
      return `dial tcp: lookup ${error.hostname ?? ""}: server misbehaving`;
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return certificate("certificate has expired or is not yet valid");
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return certificate(wrongName(error));
    case "ECONNRESET":
      return /hang up|disconnected/.test(error.message) ? "EOF" : "read: connection reset by peer";
    case "EPIPE":
      return "write: broken pipe";
    default:
      return firstOf(error);
  }
}

/** `10.0.0.1:443`, `[fd00::1]:443` */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function certificate(why: string): string {
  return `tls: failed to verify certificate: x509: ${why}`;
}

function wrongName({ host = "", cert }: NetworkError): string {
  const names = (cert?.subjectaltname ?? "")
    .split(", ")
    .filter((name) => name !== "")
    .map((name) => name.replace(/^(?:DNS|IP Address):/, ""));
  return names.length === 0
    ? `certificate is not valid for any names, but wanted to match ${host}`
    : `certificate is valid for ${names.join(", ")}, not ${host}`;
}

/** A host with several addresses fails with one error for each. */
function firstOf(error: NetworkError): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeNetworkError(error.errors[0]);
  return /wrong version number|packet length too long/.test(error.message)
    ? "http: server gave HTTP response to HTTPS client"
    : error.message;
}
