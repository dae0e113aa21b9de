import type { TokenRequest } from "../generated/types/authentication-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const leastSeconds = 10 * 60;
const mostSeconds = 2 ** 32;

export function validateTokenRequest({ spec }: DeepReadonly<TokenRequest>): FieldError[] {
  const seconds = spec?.expirationSeconds ?? 0;
  const field = "spec.expirationSeconds";
  if (seconds < leastSeconds) return [bad(field, seconds, "may not specify a duration less than 10 minutes")];
  if (seconds > mostSeconds) return [bad(field, seconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}
