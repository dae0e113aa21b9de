import type { UserInfo } from "../../api/wire.ts";
import type { Described } from "../pipeline/stages.ts";
import { Trail, type TrailDeps } from "./trail.ts";

/** The audit log, as the pipeline needs it. */
export interface Auditor {
  /** When a request came in. */
  now(): number;
  /** `user` is undefined where nobody knows who asks. */
  trail(described: Described, user: UserInfo | undefined, received: number): Trail;
  /** A request is refused since it could not be noted. */
  rejected(): void;
  /** Writes out what still waits. */
  close(): Promise<void>;
}

export function createAuditor(deps: TrailDeps): Auditor {
  return {
    now: () => deps.clock.now(),
    trail: (described, user, received) => new Trail(described, user, received, deps),
    rejected: () => deps.metrics.rejected(),
    close: () => deps.backend.close(),
  };
}
