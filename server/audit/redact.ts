import { isObject } from "../../api/machinery/members.ts";
import type { Target } from "../pipeline/stages.ts";

const redacted = "REDACTED";
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

type Redact = (value: unknown) => unknown;
type Members = Readonly<Record<string, unknown>>;

/**
 * What must not be told of objects that come and go at a target: values of Secrets, and tokens. Undefined: all may be
 * told. Upstream leaves it to the policy whether they are in the log; here no policy puts them there.
 */
export function redactorOf(target: Target): Redact | undefined {
  if (target.type !== "resource") return undefined;
  const { group, resource, subresource } = target;
  if (group === "" && resource === "secrets") return secret;
  if (group === "authentication.k8s.io" && resource === "tokenreviews") return token;
  if (group === "" && resource === "serviceaccounts" && subresource === "token") return token;
  return undefined;
}

/** A Secret, several in a list or a table, or a patch of one. */
function secret(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(operation);
  if (!isObject(value)) return value;
  return {
    ...value,
    ...change(value, "data", values),
    ...change(value, "stringData", values),
    ...change(value, "metadata", (metadata) => within(metadata, "annotations", annotations)),
    ...change(value, "items", (items) => (Array.isArray(items) ? items.map(secret) : items)),
    ...change(value, "rows", (rows) => (Array.isArray(rows) ? rows.map((row) => within(row, "object", secret)) : rows)),
  };
}

/** Of a JSON patch, wherever in the object it leads. */
function operation(value: unknown): unknown {
  return within(value, "value", () => redacted);
}

function values(data: unknown): unknown {
  if (!isObject(data)) return data === null ? null : redacted;
  // Null takes a key away.
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value === null ? null : redacted]));
}

function annotations(of: unknown): unknown {
  return within(of, lastApplied, () => redacted);
}

/** A TokenReview has it in its spec, a TokenRequest in its status. */
function token(value: unknown): unknown {
  const hide = (part: unknown): unknown => within(part, "token", () => redacted);
  return within(within(value, "spec", hide), "status", hide);
}

function within(value: unknown, member: string, redact: Redact): unknown {
  return isObject(value) ? { ...value, ...change(value, member, redact) } : value;
}

function change(value: Members, member: string, redact: Redact): Members {
  return Object.hasOwn(value, member) && value[member] !== undefined ? { [member]: redact(value[member]) } : {};
}

/** A client may have put its token there. */
export function withoutToken(url: string): string {
  return url.includes("access_token") ? url.replaceAll(/([?&]access_token=)[^&#]*/g, `$1${redacted}`) : url;
}
