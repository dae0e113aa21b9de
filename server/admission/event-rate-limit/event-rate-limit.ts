import type { Event } from "../../../api/generated/types/core-v1.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { written } from "../written.ts";
import { createTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** One limit of `eventratelimit.admission.k8s.io/v1alpha1` Configuration. */
export interface EventLimit {
  readonly type: "Server" | "Namespace" | "User" | "SourceAndObject";
  readonly qps: number;
  readonly burst: number;
  /** How many keys are remembered; 0 or absent: 4096. */
  readonly cacheSize?: number;
}

const defaultCacheSize = 4096;
const events = { group: "", resource: "events" };

/**
 * No more events than the server, a namespace, a user, or the object they are about is allowed.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#eventratelimit
 */
export function eventRateLimit(deps: {
  readonly limits: readonly EventLimit[];
  readonly clock: { now(): number };
}): AdmissionPlugin {
  const enforcers = deps.limits.map((limit) => ({ limit, buckets: createBuckets(limit) }));
  return {
    name: "EventRateLimit",
    validate(request) {
      const { operation, requested } = request;
      const event = operation === "CREATE" || operation === "UPDATE" ? written<Event>(request, events) : undefined;
      // As upstream has it, those that come as events.k8s.io are not counted.
      if (event === undefined || requested.served.group !== "") return;
      const now = deps.clock.now();
      let refusal: ApiError | undefined;
      // Each counts every event, whatever another said of it.
      for (const { limit, buckets } of enforcers) {
        const key = keyOf(limit.type, request, event);
        if (!buckets(key).take(now)) refusal = tooMany(limit.type, key);
      }
      if (refusal !== undefined) throw refusal;
    },
  };
}

function tooMany(type: string, key: string): ApiError {
  return new ApiError("TooManyRequests", `Too many requests: limit reached on type ${type} for key ${key}`);
}

/** The bucket of a key; the ones that were used last are remembered. */
function createBuckets({ type, qps, burst, cacheSize = 0 }: EventLimit): (key: string) => TokenBucket {
  const most = type === "Server" ? 1 : cacheSize || defaultCacheSize;
  const buckets = new Map<string, TokenBucket>();
  return (key) => {
    const bucket = buckets.get(key) ?? createTokenBucket(qps, burst);
    // A map keeps the order in which keys were set: the one not used for longest is first.
    buckets.delete(key);
    buckets.set(key, bucket);
    for (const oldest of buckets.keys()) {
      if (buckets.size <= most) break;
      buckets.delete(oldest);
    }
    return bucket;
  };
}

function keyOf(type: EventLimit["type"], { namespace, user }: AdmissionRequest, event: Event): string {
  switch (type) {
    case "Server":
      return "";
    case "Namespace":
      return namespace;
    case "User":
      return user.name;
    case "SourceAndObject": {
      const { source, involvedObject: about } = event;
      return [source?.component, source?.host, about.kind, about.namespace, about.name, about.uid, about.apiVersion]
        .map((part) => part ?? "")
        .join("");
    }
  }
}
