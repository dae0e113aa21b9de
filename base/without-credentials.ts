const hidden = "REDACTED";

/** What looks like a credential wherever it stands: in a header, a URL, or the message of somebody else's error. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic) +[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/\b(access_token=)[^&\s"\\]+/gi, `$1${hidden}`],
  [/(base64url\.bearer\.authorization\.k8s\.io\.)[\w-]+/gi, `$1${hidden}`],
  // A JSON web token; it begins nowhere else, so that long texts take no long time.
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, hidden],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?-----END [A-Z ]*PRIVATE KEY-----/g, hidden],
];

/** The last guard: nobody puts a credential into a log, but what others say may hold one. */
export function withoutCredentials(text: string): string {
  let shown = text;
  for (const [shape, instead] of shapes) shown = shown.replace(shape, instead);
  return shown;
}
