import type { Container, ContainerStatus, Pod, PodSpec, Toleration } from "../generated/types/core-v1.ts";
import { changedMembers, semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, required } from "../machinery/findings.ts";
import { stringifyJson } from "../machinery/json.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { qosClass } from "./pod-qos.ts";

type ReadonlySpec = DeepReadonly<PodSpec>;

const nothing: ReadonlySpec = { containers: [] };

/** A pod's spec is what is running: almost nothing of it may change. */
export function validatePodUpdate(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>, subresource: string): FieldError[] {
  const spec = pod.spec ?? nothing;
  const before = old.spec ?? nothing;
  switch (subresource) {
    case "status":
      return validateStatus(pod, old, before);
    case "ephemeralcontainers":
      return ephemeralContainers(spec, before);
    case "resize":
      return resize(pod, old);
    default:
      return validateSpecUpdate(spec, before);
  }
}

/** The fields that may change, in upstream's words: clients show this message. */
const updatable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

function validateSpecUpdate(spec: ReadonlySpec, old: ReadonlySpec): FieldError[] {
  for (const list of ["containers", "initContainers"] as const) {
    if ((spec[list]?.length ?? 0) !== (old[list]?.length ?? 0)) {
      const what = list === "containers" ? "containers" : "init containers";
      return [forbidden(`spec.${list}`, `pod updates may not add or remove ${what}`)];
    }
  }
  const findings = [...images(spec), ...deadline(spec, old), ...tolerations(spec, old), ...schedulingGates(spec, old)];
  const comparable = ignoringUpdatable(spec, old, findings);
  const changed = changedMembers(comparable, old);
  if (changed.length > 0) {
    const shown = changed.map(
      (field) => `  spec.${field}: ${shorten(memberText(old, field))} -> ${shorten(memberText(comparable, field))}\n`,
    );
    findings.push(forbidden("spec", `pod updates may not change fields other than ${updatable}\n${shown.join("")}`));
  }
  return findings;
}

function memberText(spec: ReadonlySpec, field: string): string {
  const value = new Map<string, unknown>(Object.entries(spec)).get(field);
  return value === undefined ? "<unset>" : stringifyJson(value);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function images(spec: ReadonlySpec): FieldError[] {
  return (["containers", "initContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ image }, index) => (image ? [] : [required(`spec.${list}[${index}].image`)])),
  );
}

function deadline(
  { activeDeadlineSeconds: value }: ReadonlySpec,
  { activeDeadlineSeconds: old }: ReadonlySpec,
): FieldError[] {
  const field = "spec.activeDeadlineSeconds";
  if (value === undefined)
    return old === undefined ? [] : [bad(field, null, "must not update from a positive integer to nil value")];
  return old !== undefined && old < value ? [bad(field, value, "must be less than or equal to previous value")] : [];
}

function tolerations(spec: ReadonlySpec, old: ReadonlySpec): FieldError[] {
  // Seconds may shrink or grow on a toleration that stays.
  const same = (one: DeepReadonly<Toleration>, other: DeepReadonly<Toleration>): boolean =>
    semanticEqual({ ...one, tolerationSeconds: undefined }, { ...other, tolerationSeconds: undefined });
  const kept = (old.tolerations ?? []).every((one) => (spec.tolerations ?? []).some((other) => same(one, other)));
  return kept
    ? []
    : [forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")];
}

function schedulingGates(spec: ReadonlySpec, old: ReadonlySpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  const added = (spec.schedulingGates ?? []).map(({ name }) => name).filter((name) => !before.has(name));
  if (added.length === 0) return [];
  return [
    forbidden("spec.schedulingGates", `only deletion is allowed, but found new scheduling gates '${added.join(", ")}'`),
  ];
}

function ignoringUpdatable(spec: ReadonlySpec, old: ReadonlySpec, findings: FieldError[]): ReadonlySpec {
  const withOldImages = (list: "containers" | "initContainers"): DeepReadonly<Container>[] =>
    (spec[list] ?? []).map((container, index) => ({ ...container, image: old[list]?.[index]?.image ?? "" }));
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...rest } = spec;
  const { activeDeadlineSeconds, tolerations: oldTolerations, schedulingGates: oldGates } = old;
  let result: ReadonlySpec = {
    ...rest,
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(oldTolerations === undefined ? {} : { tolerations: oldTolerations }),
    ...(oldGates === undefined ? {} : { schedulingGates: oldGates }),
    containers: withOldImages("containers"),
    initContainers: withOldImages("initContainers"),
  };
  const grace = old.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1)
    result = { ...result, terminationGracePeriodSeconds: grace };
  return (oldGates?.length ?? 0) > 0 ? ignoringSteering(result, old, findings) : result;
}

/** While a pod is gated (KEP-3838), where it may run can still be narrowed down. */
function ignoringSteering(spec: ReadonlySpec, old: ReadonlySpec, findings: FieldError[]): ReadonlySpec {
  const kept = Object.entries(old.nodeSelector ?? {}).every(
    ([key, value]) => getOwn(spec.nodeSelector ?? {}, key) === value,
  );
  if (!kept)
    findings.push(
      bad(
        "spec.nodeSelector",
        spec.nodeSelector ?? null,
        "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
      ),
    );
  const { nodeSelector: _selector, affinity, ...rest } = spec;
  const { nodeAffinity: _new, ...otherAffinity } = affinity ?? {};
  const oldNodeAffinity = old.affinity?.nodeAffinity;
  return {
    ...rest,
    ...(old.nodeSelector === undefined ? {} : { nodeSelector: old.nodeSelector }),
    affinity: { ...otherAffinity, ...(oldNodeAffinity === undefined ? {} : { nodeAffinity: oldNodeAffinity }) },
  };
}

function ephemeralContainers(spec: ReadonlySpec, old: ReadonlySpec): FieldError[] {
  return (old.ephemeralContainers ?? []).flatMap((before) => {
    const now = (spec.ephemeralContainers ?? []).find(({ name }) => name === before.name);
    const field = "spec.ephemeralContainers";
    if (now === undefined)
      return [forbidden(field, `existing ephemeral containers ${JSON.stringify(before.name)} may not be removed\n`)];
    if (semanticEqual(now, before)) return [];
    return [forbidden(field, `existing ephemeral containers ${JSON.stringify(before.name)} may not be changed\n`)];
  });
}

function resize(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): FieldError[] {
  const now = pod.spec ?? nothing;
  const before = old.spec ?? nothing;
  const findings: FieldError[] = [];
  if (qosClass(now) !== qosClass(before))
    findings.push(bad("spec", pod.status?.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"));
  for (const list of ["containers", "initContainers"] as const) {
    for (const [index, container] of (before[list] ?? []).entries()) {
      for (const side of ["requests", "limits"] as const) {
        const left = now[list]?.[index]?.resources?.[side] ?? {};
        if (Object.keys(container.resources?.[side] ?? {}).some((name) => !Object.hasOwn(left, name))) {
          findings.push(forbidden(`spec.${list}[${index}].resources.${side}`, `resource ${side} cannot be removed`));
        }
      }
    }
  }
  return findings;
}

function validateStatus(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>, { restartPolicy }: ReadonlySpec): FieldError[] {
  const now = pod.status ?? {};
  const before = old.status ?? {};
  return [
    ...immutable("status.qosClass", now.qosClass, before.qosClass),
    ...resurrections(now.containerStatuses, before.containerStatuses, restartPolicy, "status.containerStatuses"),
    ...resurrections(
      now.ephemeralContainerStatuses,
      before.ephemeralContainerStatuses,
      "Never",
      "status.ephemeralContainerStatuses",
    ),
  ];
}

type Statuses = readonly DeepReadonly<ContainerStatus>[] | undefined;

/** A container that has ended for good must not be reported as alive again. */
function resurrections(now: Statuses, before: Statuses, restartPolicy: string | undefined, path: string): FieldError[] {
  if (restartPolicy === "Always" || restartPolicy === undefined) return [];
  return (before ?? []).flatMap(({ name, state }, index) => {
    const ended = state?.terminated;
    if (ended === undefined || (ended.exitCode !== 0 && restartPolicy === "OnFailure")) return [];
    const alive = (now ?? []).some((status) => status.name === name && status.state?.terminated === undefined);
    return alive ? [forbidden(`${path}[${index}].state`, "may not be transitioned to non-terminated state")] : [];
  });
}
