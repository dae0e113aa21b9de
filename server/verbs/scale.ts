import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ScalePaths } from "../../api/resource.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { readParsed } from "../encoding/body.ts";
import type { Facet, WriteRequest } from "../strategy/write-request.ts";
import { workingVersion, type Kind, type VersionCodec } from "../encoding/kind.ts";
import { answerRecord } from "./answer.ts";
import { formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { matchUrl } from "./decode.ts";
import { checkReplicas, hasReplicas, scaled, scaleOf, setReplicas, type Scale } from "./scale-object.ts";
import { scaleRecord } from "./scale-kind.ts";
import { readApplied } from "./apply.ts";
import { manageScale } from "./apply-scale.ts";
import { applyPatch, isApply, readPatch } from "./patch.ts";
import { judgeFields, patchOptions, writeOptions, type FieldValidation, type WriteOptions } from "./write-options.ts";

/** The scale subresource: one face for all kinds that have replicas. */
export async function scale(request: ResourceRequest, scaleKind: Kind, deps: VerbDeps): Promise<ApiResponse> {
  const { kind, target } = request;
  const codec = scaleKind.hub;
  const paths = kind.row.scale;
  if (paths === undefined) throw new ApiError("NotFound", "the server could not find the requested resource");
  const { form } = formFor({ ...request, kind: scaleKind, version: codec }, deps, { stream: false });
  const shown = { kind, version: workingVersion(kind, request.version) };
  if (target.verb === "get") {
    const record = await deps.objects.get(kind, target.namespace, target.name);
    const parent = await deps.objects.show(shown, record);
    if (!saysReplicas(kind, parent, paths)) throw noReplicas(paths);
    return answerRecord(200, scaleRecord(scaleOf(parent, paths)), form);
  }
  const change = await readChange(request, codec, paths, deps);
  const write = { ...change.write, facet: facetOf(paths) };
  const written = await deps.objects.update(write, async (current = {}) => {
    const { value, duplicates, own } = await change.from(current);
    requireScale(value);
    const { object, unknown } = codec.conform(value);
    matchUrl(request, object);
    judgeFields({ unknown, duplicates }, change.fieldValidation, {
      kind: "Scale",
      version: "v1",
      warnings: request.warnings,
    });
    checkWanted(kind, object as Scale, paths);
    const parent = scaled(current, object as Scale, paths);
    own?.(parent);
    return parent;
  });
  const scale = scaleOf(await deps.objects.show(shown, written.record), paths);
  return answerRecord(200, scaleRecord(scale), form);
}

/** A write to the scale, as it is to be carried out on whatever the parent is then. */
interface Change {
  readonly write: WriteRequest;
  readonly fieldValidation: FieldValidation;
  from(parent: DeepReadonly<KubeObject>): Promise<Wanted> | Wanted;
}

interface Wanted {
  readonly value: Json;
  readonly duplicates: readonly string[];
  /** An apply settles who owns the replicas itself. */
  own?(parent: KubeObject): void;
}

async function readChange(
  request: ResourceRequest,
  codec: VersionCodec,
  paths: ScalePaths,
  { clock }: VerbDeps,
): Promise<Change> {
  const userAgent = request.request.headers["user-agent"];
  if (request.target.verb !== "patch") {
    const options = writeOptions(request.query, "UpdateOptions", userAgent);
    const sent = await readParsed(request.request);
    request.trail?.sent(sent.value);
    return { ...changeOf(request, options), from: () => sent };
  }
  if (isApply(request.request)) {
    const options = patchOptions(request.query, { isApply: true });
    const applied = await readApplied(request, options);
    const { write, fieldValidation } = changeOf(request, options);
    return {
      write: { ...write, ownsFields: true },
      fieldValidation,
      async from(parent) {
        const live = { scale: liveScale(request.kind, parent, paths), parent };
        const wanted = { applied, force: options.force, now: clock.now() };
        const { scale, own } = await manageScale(write, live, wanted, { paths, codec });
        return { value: scale, duplicates: [], own };
      },
    };
  }
  const options = patchOptions(request.query, { isApply: false, userAgent });
  const patch = await readPatch(request.request);
  request.trail?.sent(patch.value);
  return {
    ...changeOf(request, options),
    from: (parent) => ({
      value: applyPatch(patch, liveScale(request.kind, parent, paths) as never, codec.type),
      duplicates: patch.duplicates,
    }),
  };
}

function changeOf(request: ResourceRequest, options: WriteOptions): Pick<Change, "write" | "fieldValidation"> {
  return { write: writeRequest(request, options, "refuse"), fieldValidation: options.fieldValidation };
}

function facetOf(paths: ScalePaths): Facet {
  return {
    of: (object) => scaleOf(object, paths),
    into: (object, scale) => setReplicas(object, (scale as DeepReadonly<Scale>).spec?.replicas ?? 0, paths),
  };
}

/** What a patch finds where a custom resource does not say how many replicas it wants: upstream's mark for it. */
const unsaid = -(2 ** 31);

function saysReplicas(kind: Kind, parent: DeepReadonly<KubeObject>, paths: ScalePaths): boolean {
  return kind.conversion === undefined || hasReplicas(parent, paths);
}

function liveScale(kind: Kind, parent: DeepReadonly<KubeObject>, paths: ScalePaths): Scale {
  const scale = scaleOf(parent, paths);
  return saysReplicas(kind, parent, paths) ? scale : { ...scale, spec: { replicas: unsaid } };
}

/** Of a custom resource it is its own validation that judges the number. */
function checkWanted(kind: Kind, scale: Scale, { specReplicas }: ScalePaths): void {
  if (kind.conversion === undefined) checkReplicas(scale);
  else if (scale.spec?.replicas === unsaid)
    throw new ApiError("BadRequest", `the spec replicas field ${JSON.stringify(specReplicas)} cannot be empty`);
}

function noReplicas({ specReplicas }: ScalePaths): ApiError {
  const field = JSON.stringify(specReplicas);
  return new ApiError("InternalError", `Internal error occurred: the spec replicas field ${field} does not exist`);
}

function requireScale(value: Json): asserts value is JsonObject {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const { kind, apiVersion } = isObject ? value : {};
  const isScale = (kind ?? "Scale") === "Scale" && (apiVersion ?? "autoscaling/v1") === "autoscaling/v1";
  if (!isObject || !isScale)
    throw new ApiError("BadRequest", "the object provided is unrecognized (must be of type Scale in autoscaling/v1)");
}
