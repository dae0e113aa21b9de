import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest } from "../../api/wire.ts";
import type { Described, ResourceTarget, Target, Verb } from "./stages.ts";

/** Subresources of a namespace object; anything else after its name is a resource in the namespace. */
const namespaceSubresources = new Set(["status", "finalize"]);
const verbOfMethod: ReadonlyMap<string, Verb> = new Map([
  ["POST", "create"],
  ["PUT", "update"],
  ["PATCH", "patch"],
]);

/** Of most requests; nobody adds to a query. */
const noQuery = new URLSearchParams();

/**
 * What a request is about, from its method and URL alone.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#review-your-request-attributes
 */
export function describe(request: ApiRequest, auditId: string): Described {
  const question = request.url.indexOf("?");
  const path = question < 0 ? request.url : request.url.slice(0, question);
  const query = question < 0 ? noQuery : new URLSearchParams(request.url.slice(question + 1));
  return {
    request,
    path,
    query,
    target: targetOf(request.method, path, query),
    auditId,
    warnings: new Set(),
    annotations: new Map(),
  };
}

function targetOf(method: string, path: string, query: URLSearchParams): Target {
  const nonResource: Target = { type: "nonResource", verb: method.toLowerCase() };
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  if (segments[0] === "api" && segments.length >= 3) return resourceOf(method, "", segments.slice(1), query);
  if (segments[0] === "apis" && segments.length >= 4)
    return resourceOf(method, segments[1] ?? "", segments.slice(2), query);
  return nonResource;
}

/** `segments` starts with the version. */
function resourceOf(
  method: string,
  group: string,
  segments: readonly string[],
  query: URLSearchParams,
): ResourceTarget {
  const [version = "", ...encoded] = segments;
  const parts = encoded.map(decodeSegment);
  const watchPath = parts[0] === "watch" && parts.length > 1;
  if (watchPath) parts.shift();
  const place = placeOf(parts);
  return { type: "resource", group, version, ...place, verb: verbOf(method, place, watchPath, query) };
}

type Place = Pick<ResourceTarget, "namespace" | "resource" | "name" | "subresource" | "tail">;

function placeOf(parts: readonly string[]): Place {
  const isNamespaced = parts[0] === "namespaces" && parts.length > 2 && !namespaceSubresources.has(parts[2] ?? "");
  const namespace = isNamespaced ? (parts[1] ?? "") : "";
  const [resource = "", name = "", subresource = "", ...tail] = isNamespaced ? parts.slice(2) : parts;
  return { namespace, resource, name, subresource, tail: tail.join("/") };
}

function verbOf(method: string, place: Place, watchPath: boolean, query: URLSearchParams): Verb {
  const isCollection = place.name === "";
  switch (method) {
    case "GET":
    case "HEAD":
      if (watchPath || (isCollection && isTrue(query.get("watch")))) return "watch";
      return isCollection ? "list" : "get";
    case "DELETE":
      if (watchPath) throw methodNotAllowed();
      return isCollection ? "deletecollection" : "delete";
    default: {
      const verb = verbOfMethod.get(method);
      if (verb === undefined || watchPath) throw methodNotAllowed();
      return verb;
    }
  }
}

export function methodNotAllowed(): ApiError {
  return new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
}

/** Go's reading of a boolean query value: present without a value counts as true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value.toLowerCase() !== "false" && value !== "0";
}

/** A name may hold any character but "/" and "%", so "%2F" in a segment stays one segment; it is refused by the name rules. */
function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError("BadRequest", `the URL path holds an invalid escape: ${JSON.stringify(segment)}`);
  }
}
