import { ApiError } from "../../../api/machinery/status.ts";

/** As upstream's listers say it: `pod "web" not found`. */
export function noSuch(kind: string, name: string): ApiError {
  return new ApiError("NotFound", `${kind} ${JSON.stringify(name)} not found`, { details: { name, kind } });
}
