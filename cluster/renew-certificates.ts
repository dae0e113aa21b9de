import { join } from "node:path";
import { realClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { repeat } from "../base/repeat.ts";
import { ensurePki, type PkiOptions } from "../certs/ensure-pki.ts";
import type { Pki } from "../certs/pki.ts";

const dayMs = 24 * 3_600_000;

export interface RenewalOptions {
  readonly dataDir: string;
  readonly names: PkiOptions;
  readonly pki: Pki;
  readonly log: Logger;
  /** Takes the new serving certificate into use. */
  readonly renewed: (pki: Pki) => void;
}

/** Looks once a day whether a certificate is due; a failure is told and tried again. Returns what stops it. */
export function renewCertificates({ dataDir, names, pki, log, renewed }: RenewalOptions): () => Promise<void> {
  let { renewAt } = pki;
  const look = async (): Promise<void> => {
    if (realClock.now() < renewAt) return;
    const fresh = await ensurePki(join(dataDir, "pki"), names);
    renewAt = fresh.renewAt;
    renewed(fresh);
    log.info("certificates renewed");
  };
  return repeat(dayMs, look, {
    clock: realClock,
    failed: (error) => log.error("certificates could not be renewed", { error }),
  });
}
