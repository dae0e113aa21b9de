/** Without vowels and look-alikes, so that no suffix spells a word. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;
const longestPrefix = 63 - suffixLength;

/** `integer(below)` answers a whole number in [0, below). */
export function randomSuffix(integer: (below: number) => number): string {
  let suffix = "";
  for (let index = 0; index < suffixLength; index++) suffix += alphabet[integer(alphabet.length)];
  return suffix;
}

/** metadata.generateName → metadata.name: a long prefix is cut, so that the name stays a DNS label. */
export function generateName(prefix: string, integer: (below: number) => number): string {
  return prefix.slice(0, longestPrefix) + randomSuffix(integer);
}

/** What a generateName is checked as by the rule for names: the dash that it usually ends with is fine. */
export function maskTrailingDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -2)}a` : prefix;
}
