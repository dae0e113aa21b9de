/** What Node's network errors tell of themselves. */
interface NetworkError extends Error {
  readonly code?: string;
}

const sayings: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused: is it running, and is this its address?"],
  ["ECONNRESET", "the connection was reset"],
  ["EPIPE", "the connection was reset"],
  ["EHOSTUNREACH", "no route to host"],
  ["ENETUNREACH", "network is unreachable"],
  ["ETIMEDOUT", "connection timed out"],
  ["ENOTFOUND", "no such host"],
  ["EAI_AGAIN", "the name server does not answer"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is signed by an unknown authority"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is signed by an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT", "its certificate is signed by an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "its certificate is signed by an unknown authority"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate is signed by an unknown authority"],
  ["CERT_SIGNATURE_FAILURE", "its certificate is signed by an unknown authority"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["CERT_NOT_YET_VALID", "its certificate is not yet valid: is a clock wrong?"],
  ["ERR_HTTP2_GOAWAY_SESSION", "the server is going away"],
  ["ERR_HTTP2_INVALID_SESSION", "the connection was closed"],
  ["ERR_HTTP2_STREAM_CANCEL", "the connection was closed"],
  ["ERR_STREAM_PREMATURE_CLOSE", "the connection was closed"],
]);

/** Why a connection failed, for a person. */
export function describeFailure(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // A host with several addresses fails with one error for each.
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return describeFailure(thrown.errors[0]);
  const { code = "", message, cause }: NetworkError = thrown;
  if (code === "ERR_HTTP2_STREAM_CANCEL" && cause instanceof Error) return describeFailure(cause);
  const saying = sayings.get(code);
  if (saying !== undefined) return saying;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `its certificate is for another name: ${message}`;
  if (/wrong version number|packet length too long/.test(message)) return "it does not speak TLS";
  if (/no application protocol/.test(message)) return "it does not speak HTTP/2";
  return message;
}
