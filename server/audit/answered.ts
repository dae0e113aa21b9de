import { parseJson } from "../../api/machinery/json.ts";
import { isObject } from "../../api/machinery/members.ts";
import { ApiError, type Status } from "../../api/machinery/status.ts";
import { decodeProtobuf } from "../../api/schema/protobuf/decode.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { contentTypes } from "../encoding/negotiate.ts";
import type { AuditEvent } from "./event.ts";
import { statusFields, type Trail } from "./trail.ts";

export type Answered = Pick<AuditEvent, "responseStatus" | "responseObject">;

/** What is told of a refusal. */
export function refusedWith(error: ApiError, trail: Trail): Answered {
  const status = error.toStatus();
  return {
    responseStatus: statusFields(status),
    responseObject: trail.wantsAnswers ? trail.textOf(status) : undefined,
  };
}

/** The server itself failed. Of what it says only the kind is told: anything may stand in its message. */
export function panicked(thrown: unknown): Answered {
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  return {
    responseStatus: { status: "Failure", message: `APIServer panic'd: ${kind}`, reason: "InternalError", code: 500 },
    responseObject: undefined,
  };
}

/** `bytes` is the whole answer; undefined where nobody wants to know, or it is too long. */
export async function answeredWith(
  response: ApiResponse,
  bytes: Uint8Array | undefined,
  trail: Trail,
): Promise<Answered> {
  const { status: code } = response;
  const mayBeStatus = code >= 400 || trail.described.target.verb.startsWith("delete");
  const isWanted = trail.wantsAnswers || mayBeStatus;
  const object = bytes === undefined || !isWanted ? undefined : await objectOf(response, bytes);
  if (object === undefined) return { responseStatus: { code }, responseObject: undefined };
  return {
    responseStatus: isStatus(object) ? { ...statusFields(object), code } : { code },
    responseObject: trail.wantsAnswers ? trail.textOf(object) : undefined,
  };
}

function isStatus(object: object): object is Status {
  return isObject(object) && object["kind"] === "Status" && object["apiVersion"] === "v1";
}

/** Undefined for what is no object: logs, versions, health. */
async function objectOf({ headers, body }: ApiResponse, bytes: Uint8Array): Promise<object | undefined> {
  const known = body.type === "bytes" ? body.object?.() : undefined;
  if (known !== undefined) return known;
  const [mediaType] = String(headers["content-type"] ?? "").split(";", 1);
  try {
    const value = await valueOf(mediaType ?? "", bytes);
    return isObject(value) ? value : undefined;
  } catch {
    // It says that it is JSON, and is not: that is no reason for a request to fail.
    return undefined;
  }
}

async function valueOf(mediaType: string, bytes: Uint8Array): Promise<unknown> {
  switch (mediaType) {
    case contentTypes.json:
      return parseJson(bytes, { duplicates: false }).value;
    case contentTypes.protobuf:
      return decodeProtobuf(bytes);
    case contentTypes.yaml: {
      // The library is loaded when it is needed.
      const { parseYaml } = await import("../../api/machinery/yaml.ts");
      return parseYaml(bytes).value;
    }
    default:
      return undefined;
  }
}
