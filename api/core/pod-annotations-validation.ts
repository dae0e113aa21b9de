/** Annotations of pods that mean something. */
import type { Pod, PodSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { appArmorPrefix, validateProfileAnnotations } from "./security-profile-validation.ts";

type Annotations = Readonly<Record<string, string>>;

const mirror = "kubernetes.io/config.mirror";
const deletionCost = "controller.kubernetes.io/pod-deletion-cost";

/** A static pod is made by its node, from a file; the server only holds its image. */
export function isStaticPod(annotations: Annotations | undefined): boolean {
  return getOwn(annotations ?? {}, mirror) !== undefined;
}

export function validatePodAnnotations(
  annotations: Annotations,
  spec: DeepReadonly<PodSpec>,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  const static_ = getOwn(annotations, mirror);
  if (static_ !== undefined && !spec.nodeName)
    findings.push(bad(`${path}[${mirror}]`, static_, "must set spec.nodeName if mirror pod annotation is set"));
  const cost = getOwn(annotations, deletionCost);
  if (cost !== undefined && !isInt32(cost))
    findings.push(bad(`${path}[${deletionCost}]`, cost, "must be a 32bit integer"));
  return [...findings, ...validateProfileAnnotations(annotations, spec, path)];
}

function isInt32(text: string): boolean {
  return /^(?:0|[+-]?[1-9]\d*|-0|\+0)$/.test(text) && Math.abs(Number(text) + 0.5) <= 2 ** 31;
}

export function validateAnnotationUpdates(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>, path: string): FieldError[] {
  const now = pod.metadata?.annotations ?? {};
  const before = old.metadata?.annotations ?? {};
  const findings: FieldError[] = [];
  for (const [key, value] of Object.entries(before)) {
    if (getOwn(now, key) === value) continue;
    if (key.startsWith(appArmorPrefix))
      findings.push(forbidden(`${path}[${key}]`, "may not remove or update AppArmor annotations"));
    if (key === mirror) findings.push(forbidden(`${path}[${key}]`, "may not remove or update mirror pod annotation"));
  }
  for (const key of Object.keys(now)) {
    if (Object.hasOwn(before, key)) continue;
    if (key.startsWith(appArmorPrefix)) findings.push(forbidden(`${path}[${key}]`, "may not add AppArmor annotations"));
    if (key === mirror) findings.push(forbidden(`${path}[${key}]`, "may not add mirror pod annotation"));
  }
  return findings;
}
