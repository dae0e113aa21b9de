import { expect, it } from "vitest";
import { sampleCertificate } from "../../certs/sample-certificate.testing.ts";
import { mergedTrust } from "./authentication-trust.ts";

const now = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const authority = (end: number): string => sampleCertificate({ notBefore: now - 10 * hour, notAfter: end });

it("whom to trust is what all servers say, each once, without what has ended", () => {
  const [first, second, old] = [authority(now + hour), authority(now + 2 * hour), authority(now - hour)];
  const before = {
    "client-ca-file": `${old}${first}`,
    "requestheader-allowed-names": '["a","b"]',
    "requestheader-group-headers": "broken",
    note: "somebody's",
  };
  const own = {
    "client-ca-file": `${first}${second}`,
    "requestheader-allowed-names": '["b","c"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-client-ca-file": second,
  };
  const merged = {
    "client-ca-file": `${first}${second}`,
    "requestheader-allowed-names": '["a","b","c"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-client-ca-file": second,
    note: "somebody's",
  };
  expect(mergedTrust(before, own, now)).toEqual(merged);
  expect(mergedTrust(merged, own, now)).toEqual(merged);
  expect(mergedTrust(undefined, own, now)).toEqual({ ...own, "client-ca-file": `${first}${second}` });
});
