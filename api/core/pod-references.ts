/** Which objects a pod, or a volume, needs to be read for it to run. */
import type { Container, PersistentVolume, Pod, Volume } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Names = readonly (string | undefined)[];
type AnyContainer = DeepReadonly<Pick<Container, "env" | "envFrom">>;

export function podSecrets({ spec }: DeepReadonly<Pod>): readonly string[] {
  return distinct([
    ...(spec?.imagePullSecrets ?? []).map(({ name }) => name),
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...envFrom.map(({ secretRef }) => secretRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ]),
    ...(spec?.volumes ?? []).flatMap(volumeSecrets),
  ]);
}

export function podConfigMaps({ spec }: DeepReadonly<Pod>): readonly string[] {
  return distinct([
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ]),
    ...(spec?.volumes ?? []).flatMap(({ configMap, projected }): Names => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
  ]);
}

export function podClaims(pod: DeepReadonly<Pod>): readonly string[] {
  return distinct((pod.spec?.volumes ?? []).map((volume) => claimOfVolume(pod, volume)));
}

/** A generic ephemeral volume's claim is called after pod and volume. */
export function claimOfVolume(
  { metadata }: DeepReadonly<Pod>,
  { name, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>,
): string | undefined {
  if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName;
  return ephemeral === undefined ? undefined : `${metadata?.name ?? ""}-${name}`;
}

/** Those that exist already, or need not be made. */
export function podResourceClaims({ spec, status }: DeepReadonly<Pod>): readonly string[] {
  const made = new Map((status?.resourceClaimStatuses ?? []).map((one) => [one.name, one.resourceClaimName]));
  return distinct([
    ...(spec?.resourceClaims ?? []).map(({ name, resourceClaimName }) => resourceClaimName ?? made.get(name)),
    status?.extendedResourceClaimStatus?.resourceClaimName,
  ]);
}

export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

/** The secrets that a node needs to mount a volume; not those that only controllers need. */
export function volumeNodeSecrets({ spec }: DeepReadonly<PersistentVolume>): readonly SecretReference[] {
  if (spec === undefined) return [];
  const { azureFile, cinder, storageos, csi } = spec;
  const claimNamespace = spec.claimRef?.namespace ?? "";
  const other = spec.cephfs ?? spec.flexVolume ?? spec.rbd ?? spec.scaleIO ?? spec.iscsi;
  const found: readonly (Partial<SecretReference> | undefined)[] = [
    azureFile && { namespace: azureFile.secretNamespace || claimNamespace, name: azureFile.secretName },
    other?.secretRef && { ...other.secretRef, namespace: other.secretRef.namespace || claimNamespace },
    cinder?.secretRef,
    storageos?.secretRef,
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ];
  return found.flatMap(({ namespace = "", name = "" } = {}) => (name === "" ? [] : [{ namespace, name }]));
}

function volumeSecrets(volume: DeepReadonly<Volume>): Names {
  const { azureFile, cephfs, cinder, flexVolume, projected, rbd, secret, scaleIO, iscsi, storageos, csi } = volume;
  return [
    azureFile?.secretName,
    secret?.secretName,
    csi?.nodePublishSecretRef?.name,
    ...[cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].map((source) => source?.secretRef?.name),
    ...(projected?.sources ?? []).map((source) => source.secret?.name),
  ];
}

function containersOf(spec: DeepReadonly<Pod>["spec"]): readonly AnyContainer[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
}

function distinct(names: Names): readonly string[] {
  return [...new Set(names)].filter((name): name is string => name !== undefined && name !== "");
}
