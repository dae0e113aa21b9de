import { CelError } from "../cel.ts";
import { OpaqueValue, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asBool, asText, noSuchOverload } from "./overload.ts";
import {
  compareVersions,
  normalizeVersion,
  parseSemanticVersion,
  type SemanticVersion,
  type VersionProblem,
} from "./semantic-version.ts";
import { inProportion } from "./sizes.ts";

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library */
class SemverValue extends OpaqueValue {
  override readonly typeName = "kubernetes.Semver";
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion) {
    super();
    this.version = version;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof SemverValue && compareVersions(other.version, this.version) === 0;
  }
}

function asVersion(value: Value): SemanticVersion {
  if (value instanceof SemverValue) return value.version;
  throw noSuchOverload();
}

function parse(text: string, normalize: boolean): SemanticVersion | VersionProblem {
  const full = normalize ? normalizeVersion(text) : text;
  return typeof full === "string" ? parseSemanticVersion(full) : full;
}

function read(text: string, normalize: boolean): SemverValue {
  const version = parse(text, normalize);
  if ("problem" in version) throw new CelError(version.problem);
  return new SemverValue(version);
}

function isVersion(text: string, normalize: boolean): boolean {
  return !("problem" in parse(text, normalize));
}

const parsed = inProportion(0);

export const versions: readonly Declaration[] = [
  declare("semver(string): kubernetes.Semver", (a) => read(asText(a), false), parsed),
  declare("semver(string, bool): kubernetes.Semver", (a, b) => read(asText(a), asBool(b)), parsed),
  declare("isSemver(string): bool", (a) => isVersion(asText(a), false), parsed),
  declare("isSemver(string, bool): bool", (a, b) => isVersion(asText(a), asBool(b)), parsed),
  declare("kubernetes.Semver.major(): int", (a) => asVersion(a).numbers[0]),
  declare("kubernetes.Semver.minor(): int", (a) => asVersion(a).numbers[1]),
  declare("kubernetes.Semver.patch(): int", (a) => asVersion(a).numbers[2]),
  declare(
    "kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool",
    (a, b) => compareVersions(asVersion(a), asVersion(b)) > 0,
  ),
  declare(
    "kubernetes.Semver.isLessThan(kubernetes.Semver): bool",
    (a, b) => compareVersions(asVersion(a), asVersion(b)) < 0,
  ),
  declare("kubernetes.Semver.compareTo(kubernetes.Semver): int", (a, b) =>
    BigInt(compareVersions(asVersion(a), asVersion(b))),
  ),
];
