import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, required } from "../machinery/findings.ts";

export interface Iscsi {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly chapAuthDiscovery?: boolean;
  readonly chapAuthSession?: boolean;
  readonly secretRef?: { readonly name?: string };
  readonly initiatorName?: string;
}

const forms: readonly (readonly [prefix: string, form: RegExp])[] = [
  ["iqn", /^iqn\.\d{4}-\d{2}\.([a-z0-9]+\.)*[a-z0-9]+((:[^,;*&$|\s]+)$|$)/],
  ["eui", /^eui\.[0-9a-fA-F]{16}$/],
  ["naa", /^naa\.[0-9a-fA-F]{32}$/],
];

const otherStart = "must be valid format starting with iqn, eui, or naa";
const malformed = "must be valid format";

export function iscsiSource(source: Iscsi, path: string, startWords: string = otherStart): FieldError[] {
  const { targetPortal, iqn, lun, initiatorName } = source;
  const findings = targetPortal ? [] : [required(`${path}.targetPortal`)];
  findings.push(...(iqn ? qualifiedName(`${path}.iqn`, iqn, startWords) : [required(`${path}.iqn`)]));
  findings.push(...between(`${path}.lun`, lun, 0, 255));
  const isChallenged = source.chapAuthDiscovery === true || source.chapAuthSession === true;
  if (isChallenged && source.secretRef === undefined) findings.push(required(`${path}.secretRef`));
  if (initiatorName === undefined) return findings;
  return [...findings, ...qualifiedName(`${path}.initiatorname`, initiatorName, startWords)];
}

/** Upstream is less talkative about persistent volumes. */
export function persistentIscsiSource(source: Iscsi, path: string): FieldError[] {
  const findings = iscsiSource(source, path, malformed);
  const { secretRef } = source;
  return secretRef === undefined || secretRef.name ? findings : [...findings, required(`${path}.secretRef.name`)];
}

function qualifiedName(field: string, name: string, startWords: string): FieldError[] {
  const form = forms.find(([prefix]) => name.startsWith(prefix))?.[1];
  if (form === undefined) return [bad(field, name, startWords)];
  return form.test(name) ? [] : [bad(field, name, malformed)];
}

const longestTarget = 64;

/** The two make up a name on the node. */
export function iscsiTargetTooLong(volume: string, { targetPortal, initiatorName }: Iscsi): string | undefined {
  if (initiatorName === undefined || `${volume}:${targetPortal}`.length <= longestTarget) return undefined;
  return "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
}
