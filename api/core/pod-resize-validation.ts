/** A change of what a running pod may use (KEP-1287). */
import type { Container, Pod, PodSpec, ResourceRequirements } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { isStaticPod } from "./pod-annotations-validation.ts";
import { qosClass } from "./pod-qos.ts";
import { statesPodResources } from "./pod-resources.ts";

type ReadonlyPod = DeepReadonly<Pod>;
type Spec = DeepReadonly<PodSpec>;
type Resources = DeepReadonly<ResourceRequirements>;

const nothing: Spec = { containers: [] };

/** `before` is what is wrong with the pod as such. */
export function validateResize(pod: ReadonlyPod, old: ReadonlyPod, before: readonly FieldError[]): FieldError[] {
  const spec = pod.spec ?? nothing;
  const oldSpec = old.spec ?? nothing;
  if (isStaticPod(old.metadata?.annotations)) return [forbidden("", "static pods cannot be resized")];
  if (oldSpec.os?.name === "windows") return [forbidden("", "windows pods cannot be resized")];
  const findings = [...before];
  if (qosClass(spec) !== (old.status?.qosClass ?? qosClass(oldSpec)))
    findings.push(bad("spec", pod.status?.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"));
  if (!isSupported(old)) findings.push(forbidden("spec", "Pod running on node without support for resize"));
  if (statesPodResources(pod) || statesPodResources(old)) findings.push(...podLevel(spec.resources, oldSpec.resources));
  const order = sameContainers(spec, oldSpec);
  if (order.length > 0) return [...findings, ...order];
  findings.push(...removals(spec, oldSpec), ...otherChanges(spec, oldSpec));
  if (findings.length > 0 || semanticEqual(masked(spec, oldSpec), oldSpec)) return findings;
  return [forbidden("spec", "only cpu and memory resources are mutable")];
}

/** Nodes that can resize tell what containers have. */
function isSupported({ status }: ReadonlyPod): boolean {
  const running = (status?.containerStatuses ?? []).find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

function podLevel(now: Resources | undefined, old: Resources | undefined): FieldError[] {
  if (old !== undefined && now === undefined)
    return [forbidden("spec.resources", "pod-level resources cannot be removed")];
  const findings = (["requests", "limits"] as const).flatMap((which) =>
    hasRemoved(now?.[which], old?.[which])
      ? [forbidden(`spec.resources.${which}`, `pod-level resource ${which} cannot be removed`)]
      : [],
  );
  if (!semanticEqual(keepingComputeOf(now ?? {}, old ?? {}), old ?? {}))
    findings.push(forbidden("spec", "only cpu and memory resources are mutable at pod-level"));
  return findings;
}

function sameContainers(spec: Spec, old: Spec): FieldError[] {
  return (["containers", "initContainers"] as const).flatMap((list) => {
    const [now, before] = [spec[list] ?? [], old[list] ?? []];
    if (now.length !== before.length)
      return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
    return before.flatMap(({ name }, index) =>
      now[index]?.name === name
        ? []
        : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
    );
  });
}

function removals(spec: Spec, old: Spec): FieldError[] {
  return (["initContainers", "containers"] as const).flatMap((list) =>
    (old[list] ?? []).flatMap(({ resources, restartPolicy }, index) => {
      if (list === "initContainers" && restartPolicy !== "Always") return [];
      const now = spec[list]?.[index]?.resources;
      return (["requests", "limits"] as const).flatMap((which) =>
        hasRemoved(now?.[which], resources?.[which])
          ? [forbidden(`spec.${list}[${index}].resources.${which}`, `resource ${which} cannot be removed`)]
          : [],
      );
    }),
  );
}

type Amounts = Readonly<Record<string, string>>;

function hasRemoved(now: Amounts = {}, old: Amounts = {}): boolean {
  return Object.keys(old).some((name) => !Object.hasOwn(now, name));
}

function otherChanges(spec: Spec, old: Spec): FieldError[] {
  const findings: FieldError[] = [];
  for (const [index, container] of (spec.containers ?? []).entries())
    if (!isOnlyCompute(container, old.containers?.[index]))
      findings.push(forbidden("spec", "only cpu and memory resources are mutable"));
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const before = old.initContainers?.[index];
    if (container.restartPolicy === "Always") {
      if (!isOnlyCompute(container, before))
        findings.push(forbidden("spec", "only cpu and memory resources for sidecar containers are mutable"));
    } else if (!semanticEqual(container, before))
      findings.push(forbidden("spec", "resources for non-sidecar init containers are immutable"));
  }
  return findings;
}

function isOnlyCompute(container: DeepReadonly<Container>, old: DeepReadonly<Container> | undefined): boolean {
  return semanticEqual(maskedContainer(container, old), old);
}

/** Claims are not compared. */
function maskedContainer(container: DeepReadonly<Container>, old: DeepReadonly<Container> | undefined): object {
  const { claims: _claims, ...resources } = container.resources ?? {};
  return { ...container, resources: keepingComputeOf(resources, old?.resources ?? {}) };
}

function masked(spec: Spec, old: Spec): object {
  return {
    ...spec,
    resources: keepingComputeOf(spec.resources ?? {}, old.resources ?? {}),
    containers: (spec.containers ?? []).map((container, index) => maskedContainer(container, old.containers?.[index])),
    initContainers: (spec.initContainers ?? []).map((container, index) =>
      container.restartPolicy === "Always" ? maskedContainer(container, old.initContainers?.[index]) : container,
    ),
  };
}

/** The resources as if cpu and memory were the old ones. */
function keepingComputeOf(now: Resources, old: Resources): Resources {
  const { requests: given, limits: allowed, ...others } = now;
  const requests = withComputeOf(given, old.requests);
  const limits = withComputeOf(allowed, old.limits);
  return {
    ...others,
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

function withComputeOf(now: Amounts = {}, old: Amounts = {}): Amounts {
  const { cpu: _cpu, memory: _memory, ...others } = now;
  const { cpu, memory } = old;
  return { ...others, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}
