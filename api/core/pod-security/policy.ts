import type { FieldError } from "../../machinery/field-error.ts";
import { bad } from "../../machinery/findings.ts";
import { getOwn } from "../../machinery/members.ts";
import { formatVersion, parseVersion, type PolicyVersion, wrongVersion } from "./version.ts";

/** From nothing forbidden to the strictest. */
export const levels = ["privileged", "baseline", "restricted"] as const;
export type Level = (typeof levels)[number];

export const modes = ["enforce", "audit", "warn"] as const;
export type Mode = (typeof modes)[number];

export interface LevelVersion {
  readonly level: Level;
  readonly version: PolicyVersion;
}

export type Policy = Readonly<Record<Mode, LevelVersion>>;

export const labelPrefix = "pod-security.kubernetes.io/";
export const wrongLevel: string = `must be one of ${levels.join(", ")}`;

/** `restricted:latest` */
export function formatLevelVersion({ level, version }: LevelVersion): string {
  return `${level}:${formatVersion(version)}`;
}

export function sameLevelVersion(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}

export function isStricter(a: Level, than: Level): boolean {
  return levels.indexOf(a) > levels.indexOf(than);
}

export function parseLevel(text: string): Level | undefined {
  return levels.find((level) => level === text);
}

type Labels = Readonly<Record<string, string>>;

/**
 * What a namespace's labels ask for; what they leave open comes from the defaults. There always is a policy: where a
 * label cannot be read, enforcing takes the strictest and the other modes take none.
 */
export function policyOf(
  labels: Labels,
  defaults: Policy,
): { readonly policy: Policy; readonly problems: readonly FieldError[] } {
  const problems: FieldError[] = [];
  const read = (mode: Mode): LevelVersion => {
    const level = getOwn(labels, `${labelPrefix}${mode}`);
    const version = getOwn(labels, `${labelPrefix}${mode}-version`);
    return {
      level: level === undefined ? defaults[mode].level : readLevel(mode, level, problems),
      version: version === undefined ? defaults[mode].version : readVersion(mode, version, problems),
    };
  };
  return { policy: { enforce: read("enforce"), audit: read("audit"), warn: read("warn") }, problems };
}

function readLevel(mode: Mode, text: string, problems: FieldError[]): Level {
  const level = parseLevel(text);
  if (level !== undefined) return level;
  problems.push(bad(`metadata.labels[${labelPrefix}${mode}]`, text, wrongLevel));
  return mode === "enforce" ? "restricted" : "privileged";
}

function readVersion(mode: Mode, text: string, problems: FieldError[]): PolicyVersion {
  const version = parseVersion(text);
  if (version !== undefined) return version;
  problems.push(bad(`metadata.labels[${labelPrefix}${mode}-version]`, text, wrongVersion));
  return "latest";
}

/** `enforce=baseline:latest, warn=restricted:v1.30`: what the labels ask for beyond privileged. */
export function describeLabels(labels: Labels, policy: Policy): string {
  const asked = modes.filter(
    (mode) =>
      policy[mode].level !== "privileged" &&
      (Object.hasOwn(labels, `${labelPrefix}${mode}`) || Object.hasOwn(labels, `${labelPrefix}${mode}-version`)),
  );
  return asked.map((mode) => `${mode}=${formatLevelVersion(policy[mode])}`).join(", ");
}
