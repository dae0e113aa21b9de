import { X509Certificate } from "node:crypto";
import { timeMillis } from "../../api/machinery/time.ts";
import { pemBlocks } from "../../certs/pem.ts";
import { type Csr, isIssued } from "./request-state.ts";

const hour = 3_600_000;
/** So long a request is kept after it was decided, or made. */
const keptMs = { issued: hour, denied: hour, failed: hour, approved: 24 * hour, pending: 24 * hour } as const;

/** When nobody has a use for the request any more, in milliseconds since the epoch. */
export function requestEnd(csr: Csr): number {
  const conditions = csr.status?.conditions ?? [];
  const ends = conditions.map(({ type, lastUpdateTime }) => {
    const since = timeMillis(lastUpdateTime) ?? Infinity;
    switch (type) {
      case "Approved":
        return isIssued(csr) ? Math.min(since + keptMs.issued, certificateEnd(csr)) : since + keptMs.approved;
      case "Denied":
        return since + keptMs.denied;
      case "Failed":
        return since + keptMs.failed;
      default:
        return Infinity;
    }
  });
  if (conditions.length > 0) return Math.min(...ends);
  return (timeMillis(csr.metadata?.creationTimestamp) ?? Infinity) + keptMs.pending;
}

/** Of the first certificate. */
function certificateEnd({ status }: Csr): number {
  const [block] = pemBlocks(Buffer.from(status?.certificate ?? "", "base64").toString("latin1"));
  if (block === undefined) return Infinity;
  try {
    return Date.parse(new X509Certificate(block.der).validTo);
  } catch {
    return Infinity; // no certificate: it does not end
  }
}
