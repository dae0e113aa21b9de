/** `user@example.com`, or with a name: `Jo Doe <jo@example.com>`, as RFC 5322 has it without comments and folding. */
export function isEmail(text: string): boolean {
  if (text.length > 1_000) return false;
  const [, name, bracketed] = /^([^<]*)<([^<>]*)>\s*$/.exec(text) ?? [];
  if (bracketed === undefined) return isAddress(text.trim());
  return isPhrase((name ?? "").trim()) && isAddress(bracketed);
}

const atom = "[-A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}]+";
const dotAtom = new RegExp(`^${atom}(?:\\.${atom})*$`, "u");
const quoted = /^"(?:[^"\\\r\n]|\\[^\r\n])+"$/;
const word = new RegExp(`^(?:${atom}|\\.)+$`, "u");

function isAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at <= 0) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  return (dotAtom.test(local) || quoted.test(local)) && (dotAtom.test(domain) || /^\[[^\]\\[]+\]$/.test(domain));
}

function isPhrase(text: string): boolean {
  return text === "" || quoted.test(text) || text.split(/\s+/).every((part) => word.test(part));
}
