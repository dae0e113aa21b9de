import { join } from "node:path";
import { realClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
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
export function renewCertificates({ dataDir, names, pki, log, renewed }: RenewalOptions): () => void {
  let { renewAt } = pki;
  let cancel = (): void => {};
  const look = (): void => {
    cancel = realClock.after(dayMs, () => {
      look();
      if (realClock.now() >= renewAt) renew().catch((error: unknown) => log.error("certificates could not be renewed", { error }));
    });
  };
  const renew = async (): Promise<void> => {
    const fresh = await ensurePki(join(dataDir, "pki"), names);
    renewAt = fresh.renewAt;
    renewed(fresh);
    log.info("certificates renewed");
  };
  look();
  return () => cancel();
}
