import { constants, type ServerHttp2Session } from "node:http2";
import type { HttpLimits } from "./limits.ts";
import type { HttpLog } from "./http-log.ts";

/** Room for one session's uploads to arrive in parallel; Node's 64 KiB starve them (PERFORMANCE.md, section 0). */
const sessionWindowBytes = 25 * 262_144;

/**
 * Keeps one HTTP/2 session within its bounds. Streams that a client opens only to reset them cost it nothing and the
 * server a request each (CVE-2023-44487), pings an answer: both draw on one budget that refills with time.
 */
export function guardSession(session: ServerHttp2Session, limits: HttpLimits, log: HttpLog): void {
  let open = 0;
  let budget = limits.controlBurst;
  let refilledAt = performance.now();

  const spend = (): void => {
    const now = performance.now();
    budget = Math.min(limits.controlBurst, budget + ((now - refilledAt) / 1000) * limits.controlPerSecond) - 1;
    refilledAt = now;
    if (budget >= 0 || session.destroyed) return;
    log.debug("an HTTP/2 session is cut: too many resets or pings");
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    session.destroy();
  };
  const idle = (): void => {
    if (open === 0) session.close();
    else session.setTimeout(limits.idleMs, idle); // a silent watch is not idle
  };

  session.setLocalWindowSize(sessionWindowBytes);
  session.setTimeout(limits.idleMs, idle);
  session.on("ping", spend);
  session.on("stream", (stream) => {
    open += 1;
    // Node keeps a stream that was reset with NO_ERROR while data waited for its window: it would never close.
    stream.once("aborted", () => setImmediate(() => stream.destroy()));
    stream.once("close", () => {
      open -= 1;
      if (stream.aborted) spend();
    });
  });
}
