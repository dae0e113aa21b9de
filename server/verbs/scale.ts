import { deepClone } from "../../api/machinery/clone.ts";
import { selectorOf, type LabelSelector } from "../../api/machinery/label-selector.ts";
import { formatSelector, selectorOfMap } from "../../api/machinery/labels.ts";
import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../api/machinery/object.ts";
import { invalid } from "../../api/machinery/field-error.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { at, type ScalePaths } from "../../api/resource.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { parseBody, readBody } from "../encoding/body.ts";
import { objectResponse } from "../encoding/object.ts";
import { resetPaths } from "../strategy/reset.ts";
import type { Facet } from "../strategy/write-request.ts";
import { workingVersion, type VersionCodec } from "../encoding/kind.ts";
import { withWarnings } from "./answer.ts";
import { acceptedBy, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { matchUrl } from "./decode.ts";
import { applyPatch, readPatch } from "./patch.ts";
import { judgeFields, patchOptions, writeOptions } from "./write-options.ts";

interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status: { replicas: number; selector?: string };
}

/** The scale subresource: one face for all kinds that have replicas. */
export async function scale(request: ResourceRequest, codec: VersionCodec, deps: VerbDeps): Promise<ApiResponse> {
  const { kind, target } = request;
  const paths = kind.row.scale;
  if (paths === undefined) throw new ApiError("NotFound", "the server could not find the requested resource");
  const accepted = acceptedBy(request, { stream: false });
  const shown = { kind, version: workingVersion(kind, request.version) };
  if (target.verb === "get") {
    const record = await deps.objects.get(kind, target.namespace, target.name);
    return objectResponse(200, scaleOf(await deps.objects.show(shown, record), paths), accepted);
  }
  const isPatch = target.verb === "patch";
  const userAgent = request.request.headers["user-agent"];
  const options = isPatch
    ? patchOptions(request.query, { isApply: false, userAgent })
    : writeOptions(request.query, "UpdateOptions", userAgent);
  const sent = isPatch ? undefined : await parseBody(request.request, await readBody(request.request));
  const patch = isPatch ? await readPatch(request.request) : undefined;
  let warnings: readonly string[] = [];
  const write = { ...writeRequest(request, options, "refuse"), facet: facetOf(paths) };
  const written = await deps.objects.update(write, (current = {}) => {
    const before = scaleOf(current, paths);
    const value = patch === undefined ? sent?.value : applyPatch(patch, before as never, codec.type);
    requireScale(value);
    const { object, unknown } = codec.conform(value);
    matchUrl(request, object);
    warnings = judgeFields({ unknown, duplicates: (patch ?? sent)?.duplicates ?? [] }, options.fieldValidation, {
      kind: "Scale",
      version: "v1",
    });
    return scaled(current, object as Scale, paths);
  });
  const scale = scaleOf(await deps.objects.show(shown, written.record), paths);
  return withWarnings(await objectResponse(200, scale, accepted), [...warnings, ...write.warnings]);
}

function facetOf(paths: ScalePaths): Facet {
  return {
    of: (object) => scaleOf(object, paths),
    into: (object, scale) => setReplicas(object, (scale as DeepReadonly<Scale>).spec?.replicas ?? 0, paths),
  };
}

function requireScale(value: Json | undefined): asserts value is JsonObject {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const { kind, apiVersion } = isObject ? value : {};
  const isScale = (kind ?? "Scale") === "Scale" && (apiVersion ?? "autoscaling/v1") === "autoscaling/v1";
  if (!isObject || !isScale)
    throw new ApiError("BadRequest", "the object provided is unrecognized (must be of type Scale in autoscaling/v1)");
}

function scaleOf(object: DeepReadonly<KubeObject>, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const selector = selectorText(object, paths);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: numberAt(object, paths.specReplicas) },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector === "" ? {} : { selector }) },
  };
}

/** The object with the scale's replica count; the scale's resourceVersion and uid are the caller's preconditions. */
function scaled(current: DeepReadonly<KubeObject>, scale: Scale, paths: ScalePaths): KubeObject {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0) {
    const finding = {
      type: "Invalid",
      field: "spec.replicas",
      value: replicas,
      detail: "must be greater than or equal to 0",
    } as const;
    throw invalid({ group: "autoscaling", kind: "Scale" }, scale.metadata?.name ?? "", [finding]);
  }
  const object = deepClone<KubeObject>(current);
  setReplicas(object, replicas, paths);
  object.metadata = {
    ...object.metadata,
    resourceVersion: scale.metadata?.resourceVersion || current.metadata?.resourceVersion || "",
  };
  if (scale.metadata?.uid !== undefined) object.metadata.uid = scale.metadata.uid;
  return object;
}

function setReplicas(object: KubeObject, replicas: number, paths: ScalePaths): void {
  const wanted: KubeObject = {};
  setNumber(wanted as JsonObject, paths.specReplicas, replicas);
  resetPaths(object, wanted, [withoutDot(paths.specReplicas)]);
}

function selectorText(object: DeepReadonly<KubeObject>, { selector }: ScalePaths): string {
  const value = selector === undefined ? undefined : at(object as never, withoutDot(selector));
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const isSelector = "matchLabels" in value || "matchExpressions" in value;
  return formatSelector(
    isSelector ? selectorOf(value as LabelSelector) : selectorOfMap(value as Record<string, string>),
  );
}

function numberAt(object: DeepReadonly<KubeObject>, path: string): number {
  const value = at(object as never, withoutDot(path));
  return typeof value === "number" ? value : 0;
}

function setNumber(object: JsonObject, path: string, value: number): void {
  const names = withoutDot(path).split(".");
  const last = names.pop() ?? "";
  let parent = object;
  for (const name of names) parent = (parent[name] ??= {}) as JsonObject;
  parent[last] = value;
}

function withoutDot(path: string): string {
  return path.startsWith(".") ? path.slice(1) : path;
}
