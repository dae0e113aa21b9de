import type { Authorizer } from "../../auth/authz/authorizer.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { ObjectReader, ObjectWriter } from "../admission/object-reader.ts";
import type { Accepted } from "../encoding/negotiate.ts";
import { negotiate, wantsPretty } from "../encoding/negotiate.ts";
import { createForm } from "../encoding/create-form.ts";
import type { Form } from "../encoding/form.ts";
import { workingVersion, type Kind, type KindVersion } from "../encoding/kind.ts";
import type { IncludeObject } from "../encoding/table-form.ts";
import { attributesOf, requireAllowed } from "../pipeline/authorize.ts";
import type { Described, Permitted, ResourceTarget } from "../pipeline/stages.ts";
import type { Objects } from "../strategy/objects.ts";
import type { WriteRequest } from "../strategy/write-request.ts";
import type { Cache } from "../watch-cache/cache.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { WriteOptions } from "./write-options.ts";

/** A permitted request, with the kind and version that its URL names. */
export interface ResourceRequest extends Permitted {
  readonly target: ResourceTarget;
  readonly kind: Kind;
  readonly version: KindVersion;
}

/** What verbs work with. */
export interface VerbDeps {
  readonly authorizer: Authorizer;
  readonly cache: Cache;
  readonly objects: Objects;
  /** The cluster's other objects. */
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  /** By `pods` or `deployments.apps`. */
  readonly kindOf: (resource: string) => Kind | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Real time, for the ends of watches. */
  readonly timers: Clock;
  /** Ends every watch when the server shuts down. */
  readonly signal: AbortSignal;
  /** Counts a watch that begins; the returned function, that it has ended. */
  readonly watching: (described: Described) => () => void;
}

export function writeRequest(
  request: ResourceRequest,
  options: WriteOptions,
  absent: WriteRequest["absent"],
): WriteRequest {
  const { target, kind, version: requested, user, warnings, annotations } = request;
  const { namespace, name, subresource } = target;
  return {
    kind,
    version: workingVersion(kind, requested),
    requested,
    namespace,
    name,
    subresource,
    user,
    dryRun: options.dryRun,
    manager: options.fieldManager,
    options: options.sent,
    absent,
    signal: () => request.request.signal,
    warn: (text) => void warnings.add(text),
    annotate: (key, value) => void annotations.set(key, value),
  };
}

/** For an update or an apply that may turn out to make the object. */
export function authorizeCreate(request: ResourceRequest, { authorizer }: VerbDeps): () => Promise<void> | undefined {
  return () => requireAllowed({ ...attributesOf(request), verb: "create" }, authorizer);
}

export function acceptedBy(request: ResourceRequest, offered: { readonly stream: boolean }): Accepted {
  const { request: sent, query } = request;
  const pretty = !offered.stream && wantsPretty(sent, query);
  // Custom resources have no protobuf form; their scales do.
  const protobuf = request.kind.conversion === undefined || request.target.subresource === "scale";
  return negotiate(sent.headers["accept"], { transforms: true, protobuf, stream: offered.stream }, pretty);
}

/** How the client wants to see objects of the request's kind. */
export function formFor(
  request: ResourceRequest,
  deps: VerbDeps,
  offered: { readonly stream: boolean },
): { form: Form; accepted: Accepted } {
  const accepted = acceptedBy(request, offered);
  const form = createForm(request.kind, request.version, {
    accepted,
    include: includeObject(request.query),
    clock: deps.clock,
  });
  return { form, accepted };
}

function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") ?? "";
  switch (value) {
    case "":
    case "Metadata":
      return "Metadata";
    case "None":
    case "Object":
      return value;
    default:
      throw new ApiError("BadRequest", `unrecognized includeObject value: ${JSON.stringify(value)}`);
  }
}
