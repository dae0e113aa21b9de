/** More than this is cut (upstream: the apiserver's warning recorder). */
const mostTogether = 4096;
const mostEach = 256;

/**
 * Values of `Warning` headers. Where all of them together are too long each is cut short, and what is still too much
 * is left out. https://kubernetes.io/blog/2020/09/03/warnings/
 */
export function warningHeaders(warnings: ReadonlySet<string>): readonly string[] {
  const texts = [...warnings];
  const isLong = texts.reduce((length, text) => length + text.length, 0) > mostTogether;
  let left = mostTogether;
  const told: string[] = [];
  for (const text of texts) {
    const shown = isLong ? text.slice(0, mostEach) : text;
    left -= shown.length;
    if (left < 0) break;
    told.push(headerOf(shown));
  }
  return told;
}

/** RFC 9111, section 5.5: code 299, no agent, a quoted text of printable characters. */
function headerOf(text: string): string {
  const printable = text.replaceAll(/[\r\n\t]+/g, " ").replaceAll(/[^\x20-\x7e]/g, "?");
  return `299 - "${printable.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
