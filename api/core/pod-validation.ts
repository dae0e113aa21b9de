import type { Pod, PodSpec, PodTemplateSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { between, forbidden, named } from "../machinery/findings.ts";
import { validateLabels } from "../machinery/label-validation.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import {
  imageSpace,
  type Surroundings,
  validateContainers,
  validateEphemeralContainers,
  validateHostPorts,
  validateInitContainers,
} from "./container-validation.ts";
import { isStaticPod, validatePodAnnotations } from "./pod-annotations-validation.ts";
import { validateDns } from "./pod-dns-validation.ts";
import { validateGates, validateNames, validateResourceClaims } from "./pod-names-validation.ts";
import { validateOs } from "./pod-os-validation.ts";
import { validatePodResources } from "./pod-resources-validation.ts";
import { validateAffinity, validateTolerations, validateTopologySpread } from "./pod-scheduling-validation.ts";
import { containerResourceName } from "./resource-names.ts";
import { validateResources } from "./resource-requirements-validation.ts";
import { validateHostUsers, validatePodSecurityContext } from "./security-context-validation.ts";
import { validateProfilesAgree } from "./security-profile-validation.ts";
import { validateVolumes } from "./volume-validation.ts";
import { validateHostProcess } from "./windows-options-validation.ts";

const nothing: DeepReadonly<PodSpec> = { containers: [] };

/** What the pod template of a workload must be like: the same as a pod, without what only a running pod has. */
export function validatePodTemplate(template: DeepReadonly<PodTemplateSpec>, path: string): FieldError[] {
  const { metadata, spec = nothing } = template;
  const annotations = metadata?.annotations ?? {};
  const ephemeral = spec.ephemeralContainers ?? [];
  return [
    ...validateLabels(`${path}.labels`, metadata?.labels),
    ...Object.keys(annotations).flatMap((key) => named(`${path}.annotations`, key, labelKey(key.toLowerCase()))),
    ...validatePodAnnotations(annotations, spec, `${path}.annotations`),
    ...validateSpec(spec, undefined, `${path}.spec`),
    ...validateProfilesAgree(annotations, spec, `${path}.spec`),
    ...(ephemeral.length > 0
      ? [forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
      : []),
  ];
}

/** What a pod must be like, whatever became of it. */
export function validatePod(pod: DeepReadonly<Pod>): FieldError[] {
  const { metadata, spec = nothing } = pod;
  const findings = validateSpec(spec, metadata ?? {}, "spec");
  if (!spec.serviceAccountName) findings.push(...orphanTokens(spec));
  for (const list of ["containers", "initContainers"] as const)
    for (const [index, container] of (spec[list] ?? []).entries())
      findings.push(...imageSpace(container, `spec.${list}[${index}]`));
  return [...validatePodAnnotations(metadata?.annotations ?? {}, spec, "metadata.annotations"), ...findings];
}

export function validateNewPod(pod: DeepReadonly<Pod>): FieldError[] {
  const { metadata, spec = nothing } = pod;
  const findings = validatePod(pod);
  if ((spec.ephemeralContainers ?? []).length > 0)
    findings.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0)
    findings.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  return [...findings, ...validateProfilesAgree(metadata?.annotations ?? {}, spec, "spec")];
}

/** Without metadata: a template's. */
function validateSpec(
  spec: DeepReadonly<PodSpec>,
  metadata: DeepReadonly<Pod>["metadata"],
  path: string,
): FieldError[] {
  const isPod = metadata !== undefined;
  const volumes = spec.volumes ?? [];
  const { findings, mountable } = validateVolumes(volumes, { isPod, name: metadata?.name }, `${path}.volumes`);
  const surroundings: Surroundings = {
    spec,
    isPod,
    mountable,
    volumes: new Map(volumes.map((volume) => [volume.name, volume])),
    claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
  };
  return [
    ...findings,
    ...validateResourceClaims(spec, { isStatic: isStaticPod(metadata?.annotations) }, `${path}.resourceClaims`),
    ...validateContainers(surroundings, `${path}.containers`),
    ...validateInitContainers(surroundings, `${path}.initContainers`),
    ...validateEphemeralContainers(surroundings, `${path}.ephemeralContainers`),
    ...validatePodResources(spec, surroundings.claims, `${path}.resources`),
    ...validateHostPorts(surroundings, `${path}.containers`),
    ...validateRest(spec, path),
  ];
}

const longestDeadline = 2_147_483_647;

/** What concerns the pod as a whole. */
function validateRest(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  return [
    ...validateLabels(`${path}.nodeSelector`, spec.nodeSelector),
    ...validatePodSecurityContext(spec, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDns(spec, `${path}.dnsConfig`),
    ...validateGates(spec, path),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...between(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, longestDeadline),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateResources(
      { limits: spec.overhead ?? {} },
      { name: containerResourceName, claims: new Set() },
      `${path}.overhead`,
    ),
    ...validateOs(spec, path),
  ];
}

/** A token is a service account's. */
function orphanTokens({ volumes = [] }: DeepReadonly<PodSpec>): FieldError[] {
  return volumes.flatMap(({ projected }, index) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, sourceIndex) => {
      if (serviceAccountToken === undefined) return [];
      const field = `spec.volumes[${index}].projected.sources[${sourceIndex}].serviceAccountToken`;
      return [forbidden(field, "must not be specified when serviceAccountName is not set")];
    }),
  );
}
