import { X509Certificate } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { ClientCertificate } from "../https/options.ts";
import { pause } from "../pause.ts";

export interface KeepOptions {
  readonly current: ClientCertificate;
  /** Asks for the next one, by what is in use now. */
  readonly renew: (signal: AbortSignal) => Promise<ClientCertificate>;
  /** Takes it into use, and puts it where a restart finds it. */
  readonly renewed: (certificate: ClientCertificate) => Promise<void> | void;
  /** Real time: TLS checks certificates against that. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Milliseconds until it is tried again, doubled with each failure. */
const backoff = { first: 2_000, most: 5 * 60_000 };
/** Between two renewals, whatever the certificates say. */
const breakMs = 2_000;

/** Renews a certificate in time, again and again; a failure is told and tried again. Returns what stops it. */
export function keepCertificate({ current, renew, renewed, clock, random, log }: KeepOptions): () => Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  let certificate = current;
  const replace = async (): Promise<boolean> => {
    try {
      const next = await renew(signal);
      await renewed(next);
      certificate = next;
      return true;
    } catch (error) {
      if (!signal.aborted) log.warn("a certificate could not be renewed; it is tried again", { error });
      return false;
    }
  };
  const run = async (): Promise<void> => {
    let failures = 0;
    let least = 0;
    while (!signal.aborted) {
      const due = failures === 0 ? rotationDue(certificate.certPem, random) - clock.now() : waitAfter(failures);
      await pause(Math.max(due, least), { clock, signal });
      if (signal.aborted) return;
      failures = (await replace()) ? 0 : failures + 1;
      // One that is over as soon as it is there does not have the server asked without end.
      least = breakMs;
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
}

function waitAfter(failures: number): number {
  return Math.min(backoff.first * 2 ** (failures - 1), backoff.most);
}

const steps = 1000;

/**
 * When a certificate should be replaced, in milliseconds since the epoch: when 70 to 90 % of its life are over, by chance,
 * so that not all nodes ask at once.
 */
export function rotationDue(certPem: string, random: Random): number {
  const { validFrom, validTo } = new X509Certificate(certPem);
  const notBefore = Date.parse(validFrom);
  const share = 0.7 + 0.2 * (random.integer(steps) / steps);
  return notBefore + (Date.parse(validTo) - notBefore) * share;
}
