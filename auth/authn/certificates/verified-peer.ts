import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "../../../api/wire.ts";
import type { Clock } from "../../../base/clock.ts";
import { AuthenticationError } from "../authenticator.ts";
import { type Authorities, type Trust, trustOf } from "./authorities.ts";

interface Seen {
  readonly leaf: X509Certificate;
  readonly authorities: Authorities;
  readonly trust: Trust | undefined;
}

/**
 * Gives a peer's certificate, or throws AuthenticationError for one that no authority vouches for, now: connections outlive
 * certificates and bundles of authorities. A connection is looked at closely once for each bundle.
 */
export function createPeerVerifier(
  authorities: () => Authorities,
  clock: Clock,
): (certificate: PeerCertificate) => X509Certificate {
  const known = new WeakMap<PeerCertificate, Seen>();
  return (certificate) => {
    const current = authorities();
    let seen = known.get(certificate);
    if (seen?.authorities !== current) {
      seen = lookAt(certificate, current);
      known.set(certificate, seen);
    }
    requireTrust(seen, clock.now());
    return seen.leaf;
  };
}

function lookAt({ bytes, intermediates, verified }: PeerCertificate, authorities: Authorities): Seen {
  const leaf = new X509Certificate(bytes);
  const others = intermediates.map((sent) => new X509Certificate(sent));
  const trust = verified ? trustOf({ leaf, intermediates: others }, authorities) : undefined;
  return { leaf, authorities, trust };
}

/** In upstream's words, as far as they help. */
function requireTrust({ leaf, trust }: Seen, now: number): void {
  const refused = (why: string): AuthenticationError =>
    new AuthenticationError(`verifying certificate SN=${BigInt(`0x${leaf.serialNumber}`)} failed: x509: ${why}`);
  if (trust === undefined) throw refused("certificate signed by unknown authority");
  if (now < trust.notBefore || now > trust.notAfter) throw refused("certificate has expired or is not yet valid");
}
