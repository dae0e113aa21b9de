import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad, unsupported } from "../../../api/machinery/findings.ts";
import type { EventLimit } from "./event-rate-limit.ts";

export const eventLimitTypes: readonly EventLimit["type"][] = ["Namespace", "Server", "SourceAndObject", "User"];

/** What is wrong with the limits of a configuration. */
export function validateEventLimits(limits: readonly EventLimit[]): readonly FieldError[] {
  if (limits.length === 0) return [bad("limits", limits, "must not be empty")];
  return limits.flatMap(({ type, qps, burst, cacheSize = 0 }, index) => {
    const at = `limits[${index}]`;
    return [
      ...(eventLimitTypes.includes(type) ? [] : [unsupported(`${at}.type`, type, eventLimitTypes)]),
      ...(burst > 0 ? [] : [bad(`${at}.burst`, burst, "must be positive")]),
      ...(qps > 0 ? [] : [bad(`${at}.qps`, qps, "must be positive")]),
      ...(cacheSize < 0 && type !== "Server" ? [bad(`${at}.cacheSize`, cacheSize, "must not be negative")] : []),
    ];
  });
}
