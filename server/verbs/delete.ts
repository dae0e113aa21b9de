import type { Json } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { handedOver, parseBody, type ParsedBody, readBody } from "../encoding/body.ts";
import { objectResponse } from "../encoding/object.ts";
import { isTrue } from "../pipeline/describe.ts";
import { validateDeleteOptions, type DeleteOptions, type PropagationPolicy } from "../strategy/delete-options.ts";
import { answerRecord } from "./answer.ts";
import { formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import type { WriteRequest } from "../strategy/write-request.ts";
import type { WriteOptions } from "./write-options.ts";

export async function deleteOne(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form, accepted } = formFor(request, deps, { stream: false });
  const options = await deleteOptions(request);
  const write = deletion(request, options);
  const { record, gone } = await deps.objects.delete(write, options);
  if (!gone || request.kind.row.returnsDeleted === true) return answerRecord(200, record, form);
  const { group, plural } = request.kind.row;
  const status: Status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: request.target.name,
      ...(group === "" ? {} : { group }),
      kind: plural,
      uid: record.object().metadata?.uid ?? "",
    },
  };
  return objectResponse(200, status as never, accepted);
}

/** The write that a delete request comes to. */
export function deletion(request: ResourceRequest, options: DeleteOptions): WriteRequest {
  const { dryRun = [], ...others } = options;
  const asked: WriteOptions = {
    dryRun: dryRun.length > 0,
    fieldManager: "",
    fieldValidation: "Ignore",
    sent: {
      kind: "DeleteOptions",
      apiVersion: "meta.k8s.io/v1",
      ...others,
      ...(dryRun.length === 0 ? {} : { dryRun: [...dryRun] }),
    },
  };
  return writeRequest(request, asked, "refuse");
}

/** From the body if there is one, else from the query; both are valid ways to say it. */
export async function deleteOptions(request: ResourceRequest): Promise<DeleteOptions> {
  const sent = handedOver(request.request) ?? (await readBodyIfAny(request.request));
  if (sent !== undefined) request.trail?.sent(sent.value);
  const options = sent === undefined ? fromQuery(request.query) : fromBody(sent.value);
  validateDeleteOptions(options);
  return options;
}

async function readBodyIfAny(request: ApiRequest): Promise<ParsedBody | undefined> {
  const bytes = await readBody(request);
  return bytes.length === 0 ? undefined : parseBody(request, bytes);
}

function fromQuery(query: URLSearchParams): DeleteOptions {
  const grace = query.get("gracePeriodSeconds") ?? "";
  if (grace !== "" && !/^-?\d+$/.test(grace))
    throw new ApiError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  const policy = query.get("propagationPolicy") ?? "";
  const dryRun = query.getAll("dryRun");
  return {
    ...(grace === "" ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === "" ? {} : { propagationPolicy: policy as PropagationPolicy }),
    ...(query.has("orphanDependents") ? { orphanDependents: isTrue(query.get("orphanDependents")) } : {}),
    ...(dryRun.length === 0 ? {} : { dryRun }),
  };
}

function fromBody(value: Json): DeleteOptions {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw undecodable("the body must be an object");
  const { kind, gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = value;
  if (kind !== undefined && kind !== "DeleteOptions") throw undecodable(`kind is ${JSON.stringify(kind)}`);
  return {
    ...(isSet(gracePeriodSeconds) ? { gracePeriodSeconds: whole(gracePeriodSeconds, "gracePeriodSeconds") } : {}),
    ...(isSet(propagationPolicy)
      ? { propagationPolicy: typed<string>(propagationPolicy, "string", "propagationPolicy") as PropagationPolicy }
      : {}),
    ...(isSet(orphanDependents) ? { orphanDependents: typed(orphanDependents, "boolean", "orphanDependents") } : {}),
    ...(isSet(preconditions) ? { preconditions: preconditionsOf(preconditions) } : {}),
    ...(Array.isArray(dryRun) ? { dryRun: dryRun.map((one) => typed<string>(one, "string", "dryRun")) } : {}),
  };
}

function preconditionsOf(value: Json): NonNullable<DeleteOptions["preconditions"]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw undecodable("preconditions must be an object");
  const { uid, resourceVersion } = value;
  return {
    ...(isSet(uid) ? { uid: typed(uid, "string", "preconditions.uid") } : {}),
    ...(isSet(resourceVersion)
      ? { resourceVersion: typed(resourceVersion, "string", "preconditions.resourceVersion") }
      : {}),
  };
}

function isSet(value: Json | undefined): value is NonNullable<Json> {
  return value !== undefined && value !== null;
}

function typed<T>(value: Json, type: "string" | "number" | "boolean", field: string): T {
  if (typeof value !== type) throw undecodable(`${field} must be a ${type}`);
  return value as T;
}

function whole(value: Json, field: string): number {
  const number = typed<number>(value, "number", field);
  if (!Number.isInteger(number)) throw undecodable(`${field} must be a whole number`);
  return number;
}

function undecodable(why: string): ApiError {
  return new ApiError("BadRequest", `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${why}`);
}
