import { describe, expect, it } from "vitest";
import { silentLogger } from "../../base/log.ts";
import { type Random, systemRandom } from "../../base/random.ts";
import { SimulatedClock } from "../../base/simulated-clock.ts";
import { sampleCertificate } from "../../certs/sample-certificate.testing.ts";
import type { ClientCertificate } from "../https/options.ts";
import { keepCertificate, rotationDue } from "./keep-certificate.ts";

const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const middle: Random = { ...systemRandom, integer: (below) => Math.floor(below / 2) };

function certificate(from: number, lifetimeMs = 10 * hour): ClientCertificate {
  return { certPem: sampleCertificate({ notBefore: from, notAfter: from + lifetimeMs }), keyPem: "" };
}

/** Lets everybody who was told something act on it. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the time to renew a certificate", () => {
  it.each([
    [0, 0.7],
    [500, 0.8],
    [999, 0.8998],
  ])("is when most of its life is over (by chance %d)", (chance, share) => {
    const { certPem } = certificate(start, 1000 * hour);
    expect(rotationDue(certPem, { ...systemRandom, integer: () => chance })).toBe(start + 1000 * hour * share);
  });
});

describe("a certificate that is kept", () => {
  it("is renewed in time, again and again, and tried again when that fails", async () => {
    const clock = new SimulatedClock(start, settled);
    const asked: number[] = [];
    const taken: number[] = [];
    const stop = keepCertificate({
      current: certificate(start),
      renew: async () => {
        asked.push((clock.now() - start) / 60_000);
        if (asked.length === 2 || asked.length === 3) throw new Error("no server");
        return certificate(clock.now());
      },
      renewed: () => void taken.push((clock.now() - start) / 60_000),
      ...{ clock, random: middle, log: silentLogger },
    });
    await clock.advance(25 * hour);
    await stop();
    const second = 1 / 60;
    expect(asked.map((minutes) => minutes.toFixed(3))).toEqual(
      [480, 960, 960 + 2 * second, 960 + 6 * second, 1440.1].map((minutes) => minutes.toFixed(3)),
    );
    expect(taken).toHaveLength(3);
  });

  it("that is over at once is not asked for without end", async () => {
    const clock = new SimulatedClock(start, settled);
    let asked = 0;
    const stop = keepCertificate({
      current: certificate(start - 10 * hour),
      renew: async () => {
        asked += 1;
        return certificate(start - 10 * hour);
      },
      renewed: () => {},
      ...{ clock, random: middle, log: silentLogger },
    });
    await clock.advance(10_000);
    await stop();
    expect(asked).toBe(6);
  });
});
