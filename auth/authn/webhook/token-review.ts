import { getOwn, isObject } from "../../../api/machinery/members.ts";
import type { JsonObject } from "../../../api/machinery/object.ts";
import type { UserInfo } from "../../../api/wire.ts";
import { TokenError } from "../token-authenticator.ts";

export const reviewVersions = ["v1", "v1beta1"] as const;
export type ReviewVersion = (typeof reviewVersions)[number];

const group = "authentication.k8s.io";

export function reviewOf(token: string, audiences: readonly string[], version: ReviewVersion): JsonObject {
  return {
    kind: "TokenReview",
    apiVersion: `${group}/${version}`,
    metadata: {},
    spec: { token, ...(audiences.length === 0 ? {} : { audiences: [...audiences] }) },
    status: { user: {} },
  };
}

export interface ReviewedToken {
  /** Undefined: it is not authenticated. */
  readonly user: UserInfo | undefined;
  /** Of the token; empty from a webhook that does not know of audiences. */
  readonly audiences: readonly string[];
  readonly error: string;
}

/** Throws TokenError for an answer that is no such review. */
export function readReview(answer: JsonObject, version: ReviewVersion): ReviewedToken {
  if (answer["kind"] !== "TokenReview" || answer["apiVersion"] !== `${group}/${version}`)
    throw new TokenError(`the webhook answered no TokenReview of ${group}/${version}`);
  const status = objectOf(answer["status"]);
  const error = textOf(status["error"]);
  const audiences = textsOf(status["audiences"]);
  if (status["authenticated"] !== true) return { user: undefined, audiences, error };
  return { user: userOf(objectOf(status["user"])), audiences, error };
}

function userOf(fields: Readonly<Record<string, unknown>>): UserInfo {
  const uid = textOf(fields["uid"]);
  const extra = Object.entries(objectOf(fields["extra"])).map(([key, values]) => [key, textsOf(values)] as const);
  return {
    name: textOf(fields["username"]),
    ...(uid === "" ? {} : { uid }),
    groups: textsOf(fields["groups"]),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, getOwn(value, key)])) : {};
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw new TokenError("the webhook answered a TokenReview with a field of another type");
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(textOf);
  throw new TokenError("the webhook answered a TokenReview with a field of another type");
}
