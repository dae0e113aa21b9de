import type { Container, ContainerPort, PodSpec, SecurityContext, Volume } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, named, notFound, required, requiredName } from "../machinery/findings.ts";
import { dnsLabel, portName, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateEnvironment } from "./container-environment-validation.ts";
import { validateHandler, validateProbe } from "./probe-validation.ts";
import { validateResources } from "./resource-requirements-validation.ts";
import { relativePath } from "./volume-validation.ts";

/** What a container's fields may refer to. */
export interface Surroundings {
  readonly volumes: ReadonlyMap<string, DeepReadonly<Volume>>;
  readonly hostNetwork: boolean;
  readonly claims: ReadonlySet<string>;
}

type Containers = readonly DeepReadonly<Container>[];

export function validateContainers(
  containers: Containers | undefined,
  surroundings: Surroundings,
  path: string,
): FieldError[] {
  // Go writes a list that was not given as null.
  if (!containers?.length) return [required(path)];
  const seen = new Set<string>();
  const findings = containers.flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const own = validateContainer(container, surroundings, at);
    if (seen.has(container.name)) own.push(duplicate(`${at}.name`, container.name));
    seen.add(container.name);
    for (const probe of ["livenessProbe", "startupProbe"] as const) {
      const successes = container[probe]?.successThreshold ?? 1;
      if (successes !== 1) own.push(bad(`${at}.${probe}.successThreshold`, successes, "must be 1"));
    }
    return own;
  });
  return [...findings, ...hostPortConflicts(containers, path)];
}

export function validateInitContainers(
  containers: Containers,
  regular: Containers | undefined,
  surroundings: Surroundings,
  path: string,
): FieldError[] {
  const seen = new Set((regular ?? []).map(({ name }) => name));
  const findings = containers.flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const own = validateContainer(container, surroundings, at);
    if (seen.has(container.name)) own.push(duplicate(`${at}.name`, container.name));
    seen.add(container.name);
    // A sidecar (KEP-753) lives on beside the others, so it may be probed; a plain init container may not.
    if (container.restartPolicy === "Always") return own;
    for (const field of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
      if (container[field] !== undefined)
        own.push(forbidden(`${at}.${field}`, "may not be set for init containers without restartPolicy=Always"));
    }
    return own;
  });
  return [...findings, ...hostPortConflicts(containers, path)];
}

export function validateEphemeralContainers(
  spec: DeepReadonly<PodSpec>,
  surroundings: Surroundings,
  path: string,
): FieldError[] {
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const seen = new Set(others);
  return (spec.ephemeralContainers ?? []).flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const { targetContainerName, ...plain } = container;
    const findings = validateContainer(plain, surroundings, at);
    if (seen.has(container.name)) findings.push(duplicate(`${at}.name`, container.name));
    seen.add(container.name);
    if (targetContainerName && !others.has(targetContainerName))
      findings.push(notFound(`${at}.targetContainerName`, targetContainerName));
    for (const field of [
      "ports",
      "lifecycle",
      "livenessProbe",
      "readinessProbe",
      "startupProbe",
      "resources",
    ] as const) {
      if (container[field] !== undefined && Object.keys(container[field]).length > 0) {
        findings.push(forbidden(`${at}.${field}`, "cannot be set for an Ephemeral Container"));
      }
    }
    return findings;
  });
}

function validateContainer(container: DeepReadonly<Container>, surroundings: Surroundings, path: string): FieldError[] {
  return [
    ...requiredName(`${path}.name`, container.name, dnsLabel),
    ...image(container.image, path),
    ...ports(container.ports ?? [], surroundings.hostNetwork, `${path}.ports`),
    ...validateEnvironment(container, path),
    ...mounts(container, surroundings, path),
    ...validateProbe(container.livenessProbe, `${path}.livenessProbe`),
    ...validateProbe(container.readinessProbe, `${path}.readinessProbe`),
    ...validateProbe(container.startupProbe, `${path}.startupProbe`),
    ...(container.lifecycle?.postStart === undefined
      ? []
      : validateHandler(container.lifecycle.postStart, `${path}.lifecycle.postStart`)),
    ...(container.lifecycle?.preStop === undefined
      ? []
      : validateHandler(container.lifecycle.preStop, `${path}.lifecycle.preStop`)),
    ...(container.resources === undefined
      ? []
      : validateResources(container.resources, surroundings.claims, `${path}.resources`)),
    ...securityContext(container.securityContext, `${path}.securityContext`),
  ];
}

function image(value: string | undefined, path: string): FieldError[] {
  if (!value) return [required(`${path}.image`)];
  return value.trim() === value ? [] : [bad(`${path}.image`, value, "must not have leading or trailing whitespace")];
}

function ports(list: readonly DeepReadonly<ContainerPort>[], hostNetwork: boolean, path: string): FieldError[] {
  const seen = new Set<string>();
  return list.flatMap((port, index) => {
    const at = `${path}[${index}]`;
    const findings: FieldError[] = [];
    if (port.name) {
      const problems = portName(port.name);
      findings.push(...named(`${at}.name`, port.name, problems));
      if (problems.length === 0 && seen.has(port.name)) findings.push(duplicate(`${at}.name`, port.name));
      seen.add(port.name);
    }
    if (!port.containerPort) findings.push(required(`${at}.containerPort`));
    else findings.push(...named(`${at}.containerPort`, port.containerPort, portNumber(port.containerPort)));
    if (port.hostPort) findings.push(...named(`${at}.hostPort`, port.hostPort, portNumber(port.hostPort)));
    if (hostNetwork && port.hostPort && port.hostPort !== port.containerPort) {
      findings.push(bad(`${at}.containerPort`, port.containerPort, "must match `hostPort` when `hostNetwork` is true"));
    }
    return findings;
  });
}

function hostPortConflicts(containers: Containers, path: string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, portIndex) => {
      if (!port.hostPort) return [];
      const key = `${port.protocol ?? "TCP"}/${port.hostIP ?? ""}/${port.hostPort}`;
      if (seen.has(key)) return [duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key)];
      seen.add(key);
      return [];
    }),
  );
}

function mounts(container: DeepReadonly<Container>, { volumes }: Surroundings, path: string): FieldError[] {
  const seen = new Set<string>();
  const findings = (container.volumeMounts ?? []).flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const own: FieldError[] = [];
    if (!mount.name) own.push(required(`${at}.name`));
    else if (!volumes.has(mount.name)) own.push(notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) own.push(required(`${at}.mountPath`));
    if (seen.has(mount.mountPath)) own.push(bad(`${at}.mountPath`, mount.mountPath, "must be unique"));
    seen.add(mount.mountPath);
    if (mount.subPath) own.push(...relativePath(`${at}.subPath`, mount.subPath));
    if (mount.subPath && mount.subPathExpr)
      own.push(bad(`${at}.subPathExpr`, mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"));
    if (mount.subPathExpr) own.push(...relativePath(`${at}.subPathExpr`, mount.subPathExpr));
    return own;
  });
  for (const [index, device] of (container.volumeDevices ?? []).entries()) {
    const at = `${path}.volumeDevices[${index}]`;
    if (!device.name) findings.push(required(`${at}.name`));
    else if (!volumes.has(device.name)) findings.push(notFound(`${at}.name`, device.name));
    if (!device.devicePath) findings.push(required(`${at}.devicePath`));
    if (seen.has(device.devicePath))
      findings.push(bad(`${at}.devicePath`, device.devicePath, "must not already exist as a path in volumeMounts"));
  }
  return findings;
}

function securityContext(context: DeepReadonly<SecurityContext> | undefined, path: string): FieldError[] {
  if (context === undefined) return [];
  const findings = [
    ...between(`${path}.runAsUser`, context.runAsUser, 0, 2_147_483_647),
    ...between(`${path}.runAsGroup`, context.runAsGroup, 0, 2_147_483_647),
  ];
  if (context.allowPrivilegeEscalation === false && context.privileged === true) {
    findings.push(bad(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
  }
  if (context.allowPrivilegeEscalation === false && (context.capabilities?.add ?? []).includes("CAP_SYS_ADMIN")) {
    findings.push(
      bad(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"),
    );
  }
  return findings;
}
