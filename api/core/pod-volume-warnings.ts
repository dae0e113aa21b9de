import type { Volume, VolumeProjection } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { fractionalBytes } from "./pod-container-warnings.ts";

const retired = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
} as const;
/** Where a message names a field otherwise than the wire does. */
const shownAs: Readonly<Record<string, string>> = { storageos: "storageOS" };

export function volumeWarnings(volumes: readonly DeepReadonly<Volume>[], path: string): readonly string[] {
  return [
    ...volumes.flatMap((volume, index) => sourceWarnings(volume, `${path}[${index}]`)),
    ...volumes.flatMap(pathWarnings),
  ];
}

function sourceWarnings(volume: DeepReadonly<Volume>, path: string): readonly string[] {
  const found = Object.entries(retired).filter(([source]) => volume[source as keyof typeof retired] !== undefined);
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  return [
    ...found.map(([source, message]) => `${path}.${shownAs[source] ?? source}: ${message}`),
    ...fractionalStorage(claim?.resources?.requests, `${path}.ephemeral.volumeClaimTemplate.spec`),
  ];
}

/** A claim for a part of a byte; `path` is that of the claim's spec. */
export function fractionalStorage(
  requests: Readonly<Record<string, string>> | undefined,
  path: string,
): readonly string[] {
  return fractionalBytes(requests, `${path}.resources.requests`, ["storage"]);
}

/** Files of a volume that lie on or in each other: one of them is lost. */
function pathWarnings(volume: DeepReadonly<Volume>): readonly string[] {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  const quoted = JSON.stringify(name);
  return [
    ...overlaps(pathsOf(configMap), `volume ${quoted} (ConfigMap ${JSON.stringify(configMap?.name ?? "")})`),
    ...overlaps(pathsOf(secret), `volume ${quoted} (Secret ${JSON.stringify(secret?.secretName ?? "")})`),
    ...overlaps(pathsOf(downwardAPI), `volume ${quoted} (DownwardAPI)`),
    ...projectedWarnings(projected?.sources ?? [], quoted),
  ];
}

function projectedWarnings(sources: readonly DeepReadonly<VolumeProjection>[], volume: string): readonly string[] {
  const before = new Set<string>();
  return sources.flatMap((source) => {
    if (Object.keys(source).length === 0) return [`volume ${volume} (Projected) has no sources provided`];
    const [what, paths] = projection(source);
    const unique = new Set(paths);
    const named = `volume ${volume} (Projected ${what})`;
    const found =
      paths.length === 0 ? [] : [...overlaps(paths, named), ...overlaps([...unique, ...before].sort(), named)];
    for (const path of unique) before.add(path);
    return found;
  });
}

function projection(source: DeepReadonly<VolumeProjection>): readonly [what: string, paths: readonly string[]] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle: bundle } = source;
  if (configMap?.items !== undefined) return [`ConfigMap ${JSON.stringify(configMap.name ?? "")}`, pathsOf(configMap)];
  if (secret?.items !== undefined) return [`Secret ${JSON.stringify(secret.name ?? "")}`, pathsOf(secret)];
  if (downwardAPI?.items !== undefined) return ["DownwardAPI", pathsOf(downwardAPI)];
  if (serviceAccountToken !== undefined) return ["ServiceAccountToken", [serviceAccountToken.path]];
  if (bundle === undefined) return ["", []];
  return [`ClusterTrustBundle ${JSON.stringify(bundle.name ?? bundle.signerName ?? "")}`, [bundle.path]];
}

function pathsOf(source: { readonly items?: readonly { readonly path: string }[] } | undefined): readonly string[] {
  return (source?.items ?? []).map(({ path }) => path);
}

function overlaps(paths: readonly string[], named: string): readonly string[] {
  const seen = new Set<string>();
  return paths.flatMap((given) => {
    const path = given.replace(/\/+$/, "");
    const other = [...seen].find(
      (one) => one !== "" && path !== "" && (`${one}/`.startsWith(path) || `${path}/`.startsWith(one)),
    );
    seen.add(path);
    if (other === undefined) return [];
    return [`${named}: overlapping paths: ${JSON.stringify(path)} with ${JSON.stringify(other)}`];
  });
}
