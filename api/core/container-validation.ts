import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, notFound, required, requiredName } from "../machinery/findings.ts";
import { dnsLabel, portName, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateEnvironment } from "./container-environment-validation.ts";
import { validateMounts } from "./container-mounts-validation.ts";
import { validateResizePolicy, validateRestartPolicy } from "./container-restart-validation.ts";
import { validateProbes } from "./probe-validation.ts";
import { containerResourceName } from "./resource-names.ts";
import { validateResources } from "./resource-requirements-validation.ts";
import { validateSecurityContext } from "./security-context-validation.ts";

/** What a container's fields may refer to. */
export interface Surroundings {
  readonly spec: DeepReadonly<PodSpec>;
  /** A pod's own containers are looked at more closely than those of a template. */
  readonly isPod: boolean;
  /** Volumes that have nothing wrong with them. */
  readonly mountable: ReadonlyMap<string, DeepReadonly<Volume>>;
  /** All volumes. */
  readonly volumes: ReadonlyMap<string, DeepReadonly<Volume>>;
  readonly claims: ReadonlySet<string>;
}

type ReadonlyContainer = DeepReadonly<Container>;

export function validateContainers(surroundings: Surroundings, path: string): FieldError[] {
  const { containers } = surroundings.spec;
  // Go writes a list that was not given as null.
  if (!containers?.length) return [required(path)];
  const seen = new Set<string>();
  const findings = containers.flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const own = validateContainer(container, surroundings, at);
    if (seen.has(container.name)) own.push(duplicate(`${at}.name`, container.name));
    seen.add(container.name);
    own.push(...validateProbes(container, patienceOf(surroundings), at));
    return [...own, ...validateRestartPolicy(container, at)];
  });
  return [...findings, ...hostPortConflicts(containers, path)];
}

export function validateInitContainers(surroundings: Surroundings, path: string): FieldError[] {
  const { containers, initContainers = [] } = surroundings.spec;
  const seen = new Set((containers ?? []).map(({ name }) => name));
  return initContainers.flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const own = [...validateContainer(container, surroundings, at), ...validateRestartPolicy(container, at)];
    if (seen.has(container.name)) own.push(duplicate(`${at}.name`, container.name));
    if (container.name) seen.add(container.name);
    // They run one by one, and upstream blames the first.
    own.push(...hostPortConflicts([container], path), ...validateCompany(container, surroundings, at));
    return own;
  });
}

/** A sidecar (KEP-753) lives on beside the others, so it may be probed; a plain init container may not. */
function validateCompany(container: ReadonlyContainer, surroundings: Surroundings, path: string): FieldError[] {
  if (container.restartPolicy === "Always") return validateProbes(container, patienceOf(surroundings), path);
  const why = "may not be set for init containers without restartPolicy=Always";
  const findings = (["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const).flatMap((field) =>
    container[field] === undefined ? [] : [forbidden(`${path}.${field}`, why)],
  );
  const { resizePolicy = [] } = container;
  if (resizePolicy.length > 0)
    findings.push(bad(`${path}.resizePolicy`, resizePolicy, "must not be set for init containers"));
  return findings;
}

/** What someone who looks into a pod may ask for: nothing that the pod would come to rely on. */
const ephemeralFields: ReadonlySet<string> = new Set([
  "name",
  "image",
  "command",
  "args",
  "workingDir",
  "envFrom",
  "env",
  "volumeMounts",
  "volumeDevices",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "imagePullPolicy",
  "securityContext",
  "stdin",
  "stdinOnce",
  "tty",
  "targetContainerName",
]);

export function validateEphemeralContainers(surroundings: Surroundings, path: string): FieldError[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = surroundings.spec;
  const others = new Set([...(containers ?? []), ...initContainers].map(({ name }) => name));
  const seen = new Set(others);
  return ephemeralContainers.flatMap((container, index) => {
    const at = `${path}[${index}]`;
    const { targetContainerName: target, name } = container;
    const findings = [...validateContainer(container, surroundings, at), ...imageSpace(container, at)];
    if (seen.has(name)) findings.push(duplicate(`${at}.name`, name));
    seen.add(name);
    if (target && !others.has(target)) findings.push(notFound(`${at}.targetContainerName`, target));
    return [...findings, ...unfitForEphemeral(container, at)];
  });
}

function unfitForEphemeral(container: DeepReadonly<EphemeralContainer>, path: string): FieldError[] {
  const why = "cannot be set for an Ephemeral Container";
  const findings = Object.entries(container).flatMap(([field, value]) =>
    ephemeralFields.has(field) || isUnset(value) ? [] : [forbidden(`${path}.${field}`, why)],
  );
  for (const [index, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (subPath) findings.push(forbidden(`${at}.subPath`, why));
    if (subPathExpr) findings.push(forbidden(`${at}.subPathExpr`, why));
  }
  return findings;
}

function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  // An object that defaults have left behind.
  return typeof value === "object" && Object.keys(value).length === 0;
}

function validateContainer(container: ReadonlyContainer, surroundings: Surroundings, path: string): FieldError[] {
  const { spec, claims } = surroundings;
  const hostUsers = spec.hostUsers !== false;
  const findings = requiredName(`${path}.name`, container.name, dnsLabel);
  if (!container.image) findings.push(required(`${path}.image`));
  return [
    ...findings,
    ...validatePorts(container.ports ?? [], `${path}.ports`),
    ...validateEnvironment(container, surroundings.volumes, path),
    ...validateMounts(container, surroundings.mountable, path),
    ...validateResources(container.resources ?? {}, { name: containerResourceName, claims }, `${path}.resources`),
    ...validateResizePolicy(container.resizePolicy ?? [], spec.restartPolicy, `${path}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, hostUsers, `${path}.securityContext`),
  ];
}

/** A template may hold a blank that whoever makes the pods replaces. */
export function imageSpace({ image = "" }: Pick<ReadonlyContainer, "image">, path: string): FieldError[] {
  return image.trim() === image ? [] : [bad(`${path}.image`, image, "must not have leading or trailing whitespace")];
}

function patienceOf({ spec }: Surroundings): Parameters<typeof validateProbes>[1] {
  return { gracePeriod: spec.terminationGracePeriodSeconds, os: spec.os?.name };
}

function validatePorts(ports: readonly DeepReadonly<ContainerPort>[], path: string): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort }, index) => {
    const at = `${path}[${index}]`;
    const findings: FieldError[] = [];
    if (name) {
      const problems = portName(name);
      findings.push(...named(`${at}.name`, name, problems));
      if (problems.length === 0 && seen.has(name)) findings.push(duplicate(`${at}.name`, name));
      if (problems.length === 0) seen.add(name);
    }
    if (!containerPort) findings.push(required(`${at}.containerPort`));
    else findings.push(...named(`${at}.containerPort`, containerPort, portNumber(containerPort)));
    if (hostPort) findings.push(...named(`${at}.hostPort`, hostPort, portNumber(hostPort)));
    return findings;
  });
}

function hostPortConflicts(containers: readonly ReadonlyContainer[], path: string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ hostPort, hostIP = "", protocol = "TCP" }, portIndex) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (seen.has(key)) return [duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key)];
      seen.add(key);
      return [];
    }),
  );
}

/** On the host's network a port is the host's. A template's is filled in when its pods are made. */
export function validateHostPorts({ spec, isPod }: Surroundings, path: string): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  const why = "must match `containerPort` when `hostNetwork` is true";
  return (spec.containers ?? []).flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ hostPort = 0, containerPort }, portIndex) => {
      const isLeftOpen = hostPort === 0 && !isPod;
      if (isLeftOpen || hostPort === containerPort) return [];
      return [bad(`${path}[${index}].ports[${portIndex}].hostPort`, hostPort, why)];
    }),
  );
}
