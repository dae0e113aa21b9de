import { qosClass } from "../../api/core/pod-qos.ts";
import type { PodSpec, Toleration } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { getOwn, isObject } from "../../api/machinery/members.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { notFound } from "../../api/machinery/status.ts";
import { failure } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";
import { covers, mergeTolerations } from "./tolerations.ts";
import { namespaces, writtenPod } from "./written.ts";

const defaultsKey = "scheduler.alpha.kubernetes.io/defaultTolerations";
const whitelistKey = "scheduler.alpha.kubernetes.io/tolerationsWhitelist";

/** For namespaces without annotations of their own. */
export interface TolerationConfig {
  readonly default?: readonly Toleration[];
  readonly whitelist?: readonly Toleration[];
}

/**
 * The pods of a namespace tolerate what it says by default, and nothing that it does not list.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtolerationrestriction
 */
export function podTolerationRestriction(deps: {
  readonly reader: ObjectReader;
  readonly config: TolerationConfig;
}): AdmissionPlugin {
  const { reader, config } = deps;
  const check = async (namespace: string, tolerations: readonly Toleration[]): Promise<void> => {
    if (tolerations.length === 0) return;
    const whitelist = annotated(await namespaceOf(reader, namespace), whitelistKey) ?? config.whitelist ?? [];
    if (whitelist.length === 0) return;
    if (!tolerations.every((one) => whitelist.some((listed) => covers(listed, one)))) {
      throw failure(
        "pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace allowlist",
      );
    }
  };
  const extend = async ({ operation, namespace }: AdmissionRequest, spec: PodSpec): Promise<Mutation> => {
    const extra: Toleration[] = [];
    if (operation === "CREATE") {
      const own = annotated(await namespaceOf(reader, namespace), defaultsKey);
      extra.push(...deepClone(own ?? config.default ?? []));
    }
    // What asks for resources stays where best effort pods are turned away.
    if (qosClass(spec) !== "BestEffort")
      extra.push({ key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" });
    if (extra.length > 0) spec.tolerations = mergeTolerations(spec.tolerations ?? [], extra);
    await check(namespace, spec.tolerations ?? []);
    return extra.length > 0 ? "changed" : "unchanged";
  };
  return {
    name: "PodTolerationRestriction",
    mutate(request) {
      const spec = writtenPod(request)?.spec;
      return spec === undefined ? "unchanged" : extend(request, spec);
    },
    validate(request) {
      const spec = writtenPod(request)?.spec;
      return spec === undefined ? undefined : check(request.namespace, spec.tolerations ?? []);
    },
  };
}

async function namespaceOf(reader: ObjectReader, name: string): Promise<DeepReadonly<KubeObject>> {
  const found = await reader.find("namespaces", "", name);
  if (found === undefined) throw notFound(namespaces, name);
  return found;
}

/** Undefined without the annotation; a blank one is an empty list. */
function annotated({ metadata }: DeepReadonly<KubeObject>, key: string): readonly Toleration[] | undefined {
  const text = getOwn(metadata?.annotations ?? {}, key);
  if (text === undefined) return undefined;
  if (text === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw failure(`annotation ${key}: ${thrown.message}`);
    throw thrown;
  }
  if (parsed === null) return [];
  if (!Array.isArray(parsed) || !parsed.every((one) => isObject(one)))
    throw failure(`annotation ${key}: a list of tolerations is wanted`);
  return parsed.map((one) => readToleration(one));
}

function readToleration(one: Readonly<Record<string, unknown>>): Toleration {
  const toleration: Toleration = {};
  for (const field of ["key", "operator", "value", "effect"] as const) {
    const value = one[field];
    if (typeof value === "string" && value !== "") toleration[field] = value;
  }
  const seconds = one["tolerationSeconds"];
  if (typeof seconds === "number") toleration.tolerationSeconds = seconds;
  return toleration;
}
