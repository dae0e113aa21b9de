import { describe, expect, it } from "vitest";
import { createCertificateAuthority } from "../../certs/issue-certificate.ts";
import { requestEnd } from "./request-end.ts";
import type { Csr } from "./request-state.ts";

const made = Date.UTC(2026, 0, 1);
const later = made + 60_000;
const hour = 3_600_000;
const certificate = (lifetimeMs: number): string =>
  Buffer.from(createCertificateAuthority({ commonName: "x", now: new Date(made), lifetimeMs }).certPem).toString(
    "base64",
  );

describe("a certificate signing request is kept", () => {
  it.each<[string, string | undefined, string | undefined, number]>([
    ["a day while nobody decides", undefined, undefined, made + 24 * hour],
    ["an hour after it was denied", "Denied", undefined, later + hour],
    ["an hour after it failed", "Failed", undefined, later + hour],
    ["a day after it was approved but not issued", "Approved", undefined, later + 24 * hour],
    ["an hour after it was approved, when it is issued", "Approved", certificate(24 * hour), later + hour],
    ["no longer than its certificate", "Approved", certificate(hour / 2), made + hour / 2],
    ["an hour when its certificate cannot be read", "Approved", "AAAA", later + hour],
    ["for ever with a condition that nobody knows", "Waiting", undefined, Infinity],
  ])("%s", (_what, type, issued, end) => {
    const csr: Csr = {
      metadata: { creationTimestamp: new Date(made).toISOString() },
      spec: { request: "", signerName: "a.b/c" },
      status: {
        ...(type === undefined
          ? {}
          : { conditions: [{ type, status: "True", lastUpdateTime: new Date(later).toISOString() }] }),
        ...(issued === undefined ? {} : { certificate: issued }),
      },
    };
    expect(requestEnd(csr)).toBe(end);
  });
});
