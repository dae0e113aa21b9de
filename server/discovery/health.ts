import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { textResponse } from "./entity.ts";

export type HealthEndpoint = "healthz" | "livez" | "readyz";

export interface HealthCheck {
  /** As in `/readyz/{name}`; may hold slashes, as `poststarthook/start-informers`. */
  readonly name: string;
  readonly endpoints: readonly HealthEndpoint[];
  /** Why it fails; undefined when all is well. Settles soon. */
  check(): string | undefined | Promise<string | undefined>;
}

export const ping: HealthCheck = { name: "ping", endpoints: ["healthz", "livez", "readyz"], check: () => undefined };

/** https://kubernetes.io/docs/reference/using-api/health-checks/ `name` is what follows the endpoint, "" for all checks. */
export async function health(
  endpoint: HealthEndpoint,
  name: string,
  query: URLSearchParams,
  all: readonly HealthCheck[],
): Promise<ApiResponse> {
  const checks = all.filter((check) => check.endpoints.includes(endpoint));
  if (name === "") return together(endpoint, query, checks);
  const check = checks.find((candidate) => candidate.name === name);
  if (check === undefined) throw new ApiError("NotFound", "the server could not find the requested resource");
  const failure = await outcome(check);
  return failure === undefined ? textResponse(200, "ok") : textResponse(500, `internal server error: ${failure}\n`);
}

async function together(
  endpoint: HealthEndpoint,
  query: URLSearchParams,
  checks: readonly HealthCheck[],
): Promise<ApiResponse> {
  const excluded = new Set(query.getAll("exclude"));
  const unknown = new Set(excluded);
  let report = "";
  let failed = false;
  for (const check of checks) {
    if (excluded.has(check.name)) {
      unknown.delete(check.name);
      report += `[+]${check.name} excluded: ok\n`;
      continue;
    }
    const failure = await outcome(check);
    failed ||= failure !== undefined;
    // Anybody may ask here; the reason is told by the single check, which needs a permission.
    report += failure === undefined ? `[+]${check.name} ok\n` : `[-]${check.name} failed: reason withheld\n`;
  }
  if (unknown.size > 0) report += `warn: some health checks cannot be excluded: no matches for ${quoted(unknown)}\n`;
  if (failed) return textResponse(500, `${report}${endpoint} check failed\n`);
  return textResponse(200, query.has("verbose") ? `${report}${endpoint} check passed\n` : "ok");
}

/** A check that throws fails. */
async function outcome(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check.check();
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function quoted(names: ReadonlySet<string>): string {
  return [...names]
    .toSorted()
    .map((name) => JSON.stringify(name))
    .join(",");
}
