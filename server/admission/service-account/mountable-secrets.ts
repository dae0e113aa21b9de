import type {
  Container,
  EphemeralContainer,
  Pod,
  PodSpec,
  ServiceAccount,
  Volume,
} from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { failure } from "../forbid.ts";

type Account = DeepReadonly<ServiceAccount>;
type AnyContainer = DeepReadonly<Container | EphemeralContainer>;

interface Named {
  readonly name?: string;
}

const refused = "is not allowed because service account";

/** Why the pod may not have one of the secrets that it names: its account does not name it. */
export function limitSecrets(spec: DeepReadonly<PodSpec>, account: Account): string | undefined {
  return (
    limitVolumes(spec.volumes ?? [], account) ??
    limitContainers("init container", spec.initContainers ?? [], account) ??
    limitContainers("container", spec.containers ?? [], account) ??
    limitPulling(spec.imagePullSecrets ?? [], account)
  );
}

function limitVolumes(volumes: readonly DeepReadonly<Volume>[], account: Account): string | undefined {
  const mountable = namesOf(account.secrets);
  const named = volumes.flatMap(({ secret }) => (secret === undefined ? [] : [secret.secretName ?? ""]));
  const other = named.find((name) => !mountable.has(name));
  if (other === undefined) return undefined;
  return `volume with secret.secretName="${other}" ${refused} ${nameOf(account)} does not reference that secret`;
}

function limitPulling(secrets: readonly Named[], account: Account): string | undefined {
  const pulling = namesOf(account.imagePullSecrets);
  const at = secrets.findIndex(({ name = "" }) => !pulling.has(name));
  if (at < 0) return undefined;
  return `imagePullSecrets[${at}].name="${secrets[at]?.name ?? ""}" ${refused} ${nameOf(account)} does not reference that imagePullSecret`;
}

/** Throws, as upstream does, an error without a reason. */
export function limitEphemeralContainers({ spec }: DeepReadonly<Pod>, account: Account): void {
  const refusal = limitContainers("ephemeral container", spec?.ephemeralContainers ?? [], account);
  if (refusal !== undefined) throw failure(refusal);
}

function limitContainers(called: string, containers: readonly AnyContainer[], account: Account): string | undefined {
  const mountable = namesOf(account.secrets);
  for (const container of containers)
    for (const [by, secret] of secretsOf(container))
      if (!mountable.has(secret))
        return `${called} ${container.name} with ${by} referencing secret.secretName="${secret}" ${refused} ${nameOf(account)} does not reference that secret`;
  return undefined;
}

/** By what a container names which secret. */
function secretsOf({ env = [], envFrom = [] }: AnyContainer): readonly (readonly [by: string, secret: string])[] {
  return [
    ...env.flatMap(({ name, valueFrom }) => {
      const secret = valueFrom?.secretKeyRef;
      return secret === undefined ? [] : [[`envVar ${name}`, secret.name ?? ""] as const];
    }),
    ...envFrom.flatMap(({ secretRef }) =>
      secretRef === undefined ? [] : [["envFrom", secretRef.name ?? ""] as const],
    ),
  ];
}

function namesOf(references: readonly Named[] = []): ReadonlySet<string> {
  return new Set(references.map(({ name = "" }) => name));
}

function nameOf({ metadata }: Account): string {
  return metadata?.name ?? "";
}
