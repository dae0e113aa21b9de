import { ApiError } from "../../api/machinery/status.ts";
import { TransformError } from "../../storage/encryption/transform-error.ts";
import { CompactedError, FutureRevisionError, UnwritableError } from "../../storage/store.ts";

/** The store's own errors as the API tells them; anything else passes through. A MismatchError is the caller's to judge. */
export function translateStoreErrors(thrown: unknown): unknown {
  if (thrown instanceof CompactedError)
    return new ApiError("Expired", "The resourceVersion for the provided list is too old.", { cause: thrown });
  if (thrown instanceof FutureRevisionError) return tooLargeResourceVersion(thrown.current);
  if (thrown instanceof UnwritableError)
    return new ApiError("ServiceUnavailable", `the store cannot take writes now: ${thrown.message}`, {
      cause: thrown,
      details: { retryAfterSeconds: 1 },
    });
  if (thrown instanceof TransformError)
    return new ApiError("InternalError", `Internal error occurred: ${thrown.message}`, { cause: thrown });
  return thrown;
}

/** A revision that does not exist yet. https://kubernetes.io/docs/reference/using-api/api-concepts/#unavailable-resource-versions */
export function tooLargeResourceVersion(current: number, asked?: number): ApiError {
  const numbers = asked === undefined ? "" : `: ${asked}, current: ${current}`;
  return new ApiError("Timeout", `Too large resource version${numbers}`, {
    details: {
      retryAfterSeconds: 1,
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    },
  });
}
