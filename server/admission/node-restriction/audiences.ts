import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from "../../../api/generated/types/core-v1.ts";
import type { CSIDriver } from "../../../api/generated/types/storage-v1.ts";
import { claimOfVolume } from "../../../api/core/pod-references.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { aggregate } from "../forbid.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionRequest } from "../plugin.ts";
import type { RestrictionDeps } from "./node-restriction.ts";
import { noSuch } from "./not-found.ts";

/** Which driver took over from the volumes that once were built in. */
const driverOfSource: ReadonlyMap<string, string> = new Map([
  ["awsElasticBlockStore", "ebs.csi.aws.com"],
  ["azureDisk", "disk.csi.azure.com"],
  ["azureFile", "file.csi.azure.com"],
  ["cinder", "cinder.csi.openstack.org"],
  ["gcePersistentDisk", "pd.csi.storage.gke.io"],
  ["portworxVolume", "pxd.portworx.com"],
  ["vsphereVolume", "csi.vsphere.vmware.com"],
]);

/**
 * Why a node may not have a token for these audiences: only those that the pod's volumes name, or that the node was
 * permitted. Undefined when it may.
 */
export async function audienceProblem(
  audiences: readonly string[],
  pod: DeepReadonly<Pod>,
  request: AdmissionRequest,
  { reader, authorize }: RestrictionDeps,
): Promise<string | undefined> {
  const [audience = "", another] = audiences;
  if (another !== undefined) return "node may only request 0 or 1 audiences";
  const problems: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const named = await names(audience, { pod, volume }, reader);
    if (named === true) return undefined;
    if (named !== false) problems.push(named.problem);
  }
  if (problems.length > 0) return `error validating audience ${JSON.stringify(audience)}: ${aggregate(problems)}`;
  const { user, namespace, name } = request;
  const resource = { group: "", version: "v1", resource: audience, subresource: "", namespace, name };
  const verb = "request-serviceaccounts-token-audience";
  const { opinion, error } = await authorize({ user, verb, path: "", resource });
  if (opinion === "allow") return undefined;
  const missing = `audience ${JSON.stringify(audience)} not found in pod spec volume`;
  return error === undefined
    ? `${missing}, ${user.name} is not authorized to request tokens for this audience`
    : `${missing}, error authorizing ${user.name} to request tokens for this audience: ${error}`;
}

/** Whether the volume, or its driver, wants tokens for an audience; or why that cannot be told. */
async function names(
  audience: string,
  { pod, volume }: { readonly pod: DeepReadonly<Pod>; readonly volume: DeepReadonly<Volume> },
  reader: ObjectReader,
): Promise<boolean | { readonly problem: string }> {
  const sources = volume.projected?.sources ?? [];
  if (sources.some(({ serviceAccountToken: token }) => token !== undefined && (token.audience ?? "") === audience))
    return true;
  const claim = claimOfVolume(pod, volume);
  const found =
    claim === undefined
      ? { driver: driverOf(volume) }
      : await driverOfClaim(pod.metadata?.namespace ?? "", claim, reader);
  if ("problem" in found) return found;
  if (found.driver === undefined) return false;
  const driver = await reader.find<CSIDriver>("csidrivers.storage.k8s.io", "", found.driver);
  if (driver === undefined) return missing("csidriver.storage.k8s.io", found.driver);
  return (driver.spec.tokenRequests ?? []).some((wanted) => wanted.audience === audience);
}

type FoundDriver = { readonly driver: string | undefined } | { readonly problem: string };

async function driverOfClaim(namespace: string, name: string, reader: ObjectReader): Promise<FoundDriver> {
  const claim = await reader.find<PersistentVolumeClaim>("persistentvolumeclaims", namespace, name);
  if (claim === undefined) return missing("persistentvolumeclaim", name);
  const volumeName = claim.spec?.volumeName ?? "";
  const volume = await reader.find<PersistentVolume>("persistentvolumes", "", volumeName);
  if (volume === undefined) return missing("persistentvolume", volumeName);
  return { driver: driverOf(volume.spec ?? {}) };
}

function driverOf(source: { readonly csi?: { readonly driver?: string } }): string | undefined {
  if (source.csi !== undefined) return source.csi.driver;
  for (const [name, driver] of driverOfSource) if (Object.hasOwn(source, name)) return driver;
  return undefined;
}

function missing(kind: string, name: string): { readonly problem: string } {
  return { problem: noSuch(kind, name).message };
}
