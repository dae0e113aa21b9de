/** https://semver.org/spec/v2.0.0.html */
export interface SemanticVersion {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly prerelease: readonly string[];
}

/** What is wrong with a text, in upstream's words. */
export interface VersionProblem {
  readonly problem: string;
}

const longestText = 1000;

export function parseSemanticVersion(text: string): SemanticVersion | VersionProblem {
  if (text === "") return { problem: "Version string empty" };
  const [major, minor, ...rest] = text.slice(0, longestText).split(".");
  if (major === undefined || minor === undefined || rest.length === 0 || text.length > longestText)
    return { problem: "No Major.Minor.Patch elements found" };
  const [, patch = "", prerelease, build] = /^([^-+]*)(?:-([^+]*))?(?:\+([^]*))?$/.exec(rest.join(".")) ?? [];
  const parts = [
    ["Major", major],
    ["Minor", minor],
    ["Patch", patch],
  ] as const;
  for (const [name, part] of parts) {
    const problem = numberProblem(name, part);
    if (problem !== undefined) return { problem };
  }
  const problem = prereleaseProblem(prerelease) ?? buildProblem(build);
  if (problem !== undefined) return { problem };
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease: prerelease?.split(".") ?? [] };
}

function numberProblem(name: string, part: string): string | undefined {
  if (/[^0-9]/.test(part)) return `Invalid character(s) found in ${name.toLowerCase()} number "${part}"`;
  if (part === "") return 'strconv.ParseUint: parsing "": invalid syntax';
  if (part.length > 1 && part.startsWith("0")) return `${name} number must not contain leading zeroes "${part}"`;
  if (BigInt.asUintN(64, BigInt(part)) === BigInt(part)) return undefined;
  return `strconv.ParseUint: parsing "${part}": value out of range`;
}

function prereleaseProblem(prerelease: string | undefined): string | undefined {
  for (const part of prerelease?.split(".") ?? []) {
    if (part === "") return "Prerelease is empty";
    if (/[^0-9A-Za-z-]/.test(part)) return `Invalid character(s) found in prerelease "${part}"`;
    if (/^0[0-9]+$/.test(part)) return `Numeric PreRelease version must not contain leading zeroes "${part}"`;
  }
  return undefined;
}

function buildProblem(build: string | undefined): string | undefined {
  for (const part of build?.split(".") ?? []) {
    if (part === "") return "Build meta data is empty";
    if (/[^0-9A-Za-z-]/.test(part)) return `Invalid character(s) found in build meta data "${part}"`;
  }
  return undefined;
}

/** `v1.02` → `1.2.0` */
export function normalizeVersion(text: string): string | VersionProblem {
  const [major = "", minor, ...rest] = text.replace(/^v/, "").split(".");
  const given = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length === 0 ? [] : [rest.join(".")])];
  const parts = given.map((part) =>
    part.length > 1 ? part.replace(/^0+(?=[0-9])/, "").replace(/^0*(?![0-9])/, "0") : part,
  );
  if (parts.length < 3 && /[-+]/.test(parts.at(-1) ?? ""))
    return { problem: "short version cannot contain PreRelease/Build meta data" };
  while (parts.length < 3) parts.push("0");
  return parts.join(".");
}

/** Build metadata does not count. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): -1 | 0 | 1 {
  for (const [place, part] of a.numbers.entries()) {
    const other = b.numbers[place] ?? 0n;
    if (part !== other) return part < other ? -1 : 1;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

/** A version comes after its prereleases. */
function comparePrereleases(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : a.length === 0 ? 1 : -1;
  for (const [place, identifier] of a.entries()) {
    const other = b[place];
    if (other === undefined) return 1;
    const sign = compareIdentifiers(identifier, other);
    if (sign !== 0) return sign;
  }
  return a.length < b.length ? -1 : 0;
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const [aNumber, bNumber] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (aNumber && bNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (aNumber !== bNumber) return aNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
