import type { Container, EnvVar, PodSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { formatQuantity, tryQuantity } from "../machinery/quantity.ts";

interface Surroundings {
  readonly spec: DeepReadonly<PodSpec>;
  readonly annotations: { readonly of: Readonly<Record<string, string>>; readonly path: string };
  /** A pod's own AppArmor annotation is copied into the field. */
  readonly isTemplate: boolean;
}

export function containerWarnings(
  container: DeepReadonly<Container>,
  path: string,
  around: Surroundings,
): readonly string[] {
  return [
    ...annotationWarnings(container, around),
    ...fractionalBytes(container.resources?.limits, `${path}.resources.limits`, ["memory"]),
    ...fractionalBytes(container.resources?.requests, `${path}.resources.requests`, ["memory"]),
    ...fractionalBytes(container.resources?.limits, `${path}.resources.limits`, ["ephemeral-storage"]),
    ...fractionalBytes(container.resources?.requests, `${path}.resources.requests`, ["ephemeral-storage"]),
    ...environmentWarnings(container.env ?? [], `${path}.env`),
  ];
}

function annotationWarnings(
  { name, securityContext }: DeepReadonly<Container>,
  { spec, annotations, isTemplate }: Surroundings,
): readonly string[] {
  const seccomp = `container.seccomp.security.alpha.kubernetes.io/${name}`;
  const appArmor = `container.apparmor.security.beta.kubernetes.io/${name}`;
  const warnings: string[] = [];
  if (securityContext?.seccompProfile === undefined && Object.hasOwn(annotations.of, seccomp))
    warnings.push(`${annotations.path}[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`);
  const hasProfile = (spec.securityContext?.appArmorProfile ?? securityContext?.appArmorProfile) !== undefined;
  if (isTemplate && !hasProfile && Object.hasOwn(annotations.of, appArmor))
    warnings.push(`${annotations.path}[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  return warnings;
}

/** There are no parts of bytes: somebody wrote `m` for mega. */
export function fractionalBytes(
  amounts: Readonly<Record<string, string>> | undefined,
  path: string,
  resources: readonly string[] = ["memory", "ephemeral-storage"],
): readonly string[] {
  return resources.flatMap((resource) => {
    const text = amounts !== undefined && Object.hasOwn(amounts, resource) ? amounts[resource] : undefined;
    const quantity = text === undefined ? undefined : tryQuantity(text);
    if (quantity === undefined || quantity.nano % 1_000_000_000n === 0n) return [];
    const shown = JSON.stringify(formatQuantity(quantity));
    return [`${path}[${resource}]: fractional byte value ${shown} is invalid, must be an integer`];
  });
}

/** A variable may be defined again with what it was before; otherwise the earlier one is lost. */
function environmentWarnings(variables: readonly DeepReadonly<EnvVar>[], path: string): readonly string[] {
  const seen = new Set<string>();
  return variables.flatMap(({ name, value = "", valueFrom }, index) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const reference = `$(${name})`;
    if (valueFrom === undefined && value !== reference && value.includes(reference)) return [];
    const quoted = JSON.stringify(name);
    return [`${path}[${index}]: hides previous definition of ${quoted}, which may be dropped when using apply`];
  });
}
