/** What nodes report of containers: who they run as, and how the devices are that they were given. */
import type { ContainerStatus, LinuxContainerUser, Pod, ResourceStatus } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type ReadonlyPod = DeepReadonly<Pod>;
type Status = DeepReadonly<ContainerStatus>;

const lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const;

export function validateReports(pod: ReadonlyPod): FieldError[] {
  return [
    ...lists.flatMap((list) =>
      (pod.status?.[list] ?? []).flatMap((status, index) => user(status, pod, `status.${list}[${index}].user.linux`)),
    ),
    ...lists.flatMap((list) =>
      (pod.status?.[list] ?? []).flatMap((status, index) =>
        list === "ephemeralContainerStatuses"
          ? nothingAllocated(status, `status.${list}[${index}]`)
          : allocated(status, pod, `status.${list}[${index}].allocatedResourcesStatus`),
      ),
    ),
  ];
}

const largestId = 2_147_483_647;

function user(status: Status, { spec }: ReadonlyPod, path: string): FieldError[] {
  const linux = status.user?.linux;
  if (linux === undefined) return [];
  return spec?.os?.name === "windows" ? [forbidden(path, "cannot be set for a windows pod")] : linuxUser(linux, path);
}

function linuxUser(
  { uid, gid, supplementalGroups = [] }: DeepReadonly<LinuxContainerUser>,
  path: string,
): FieldError[] {
  return [
    ...between(`${path}.uid`, uid, 0, largestId),
    ...between(`${path}.gid`, gid, 0, largestId),
    ...supplementalGroups.flatMap((group, index) =>
      between(`${path}.supplementalGroups[${index}]`, group, 0, largestId),
    ),
  ];
}

function nothingAllocated({ allocatedResourcesStatus: given = [] }: Status, path: string): FieldError[] {
  if (given.length === 0) return [];
  return [forbidden(`${path}.allocatedResourcesStatus`, "must not be specified in container status")];
}

function allocated(status: Status, { spec }: ReadonlyPod, path: string): FieldError[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const container = containers.find(({ name }) => name === status.name);
  return (status.allocatedResourcesStatus ?? []).flatMap((resource, index) => {
    const at = `${path}[${index}]`;
    const findings = container === undefined ? [] : askedFor(resource, container.resources ?? {}, `${at}.name`);
    return [...findings, ...health(resource, `${at}.resources`)];
  });
}

interface Asked {
  readonly requests?: Readonly<Record<string, string>>;
  readonly claims?: readonly { readonly name: string; readonly request?: string }[];
}

function askedFor(
  { name }: DeepReadonly<ResourceStatus>,
  { requests = {}, claims = [] }: Asked,
  field: string,
): FieldError[] {
  if (!name.startsWith("claim:"))
    return Object.hasOwn(requests, name)
      ? []
      : [bad(field, name, "must match one of the container's resource requests")];
  const isClaimed = claims.some((claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ""}`);
  const why =
    "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
  return isClaimed ? [] : [bad(field, name, why)];
}

const states = ["Healthy", "Unhealthy", "Unknown"];

function health({ resources = [] }: DeepReadonly<ResourceStatus>, path: string): FieldError[] {
  const seen = new Set<string>();
  return resources.flatMap(({ resourceID, health: state = "" }, index) => {
    const findings = states.includes(state) ? [] : [unsupported(`${path}[${index}].health`, state, states)];
    if (seen.has(resourceID)) findings.push(duplicate(`${path}[${index}].resourceID`, resourceID));
    seen.add(resourceID);
    return findings;
  });
}
