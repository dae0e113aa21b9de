import type { ApiResponse } from "../../api/wire.ts";
import type { Described } from "./stages.ts";

/** Told of every request: once when it starts, and by the returned function when its answer is known. */
export interface RequestObserver {
  /** `described` is undefined for a request that could not be understood. */
  started(): (described: Described | undefined, response: ApiResponse) => void;
}
