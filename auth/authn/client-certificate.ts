import { createHash, type X509Certificate } from "node:crypto";
import type { PeerCertificate, UserInfo } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { subjectOf } from "../../certs/distinguished-name.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Authorities } from "./certificates/authorities.ts";
import { subjectUid } from "./certificates/subject-uid.ts";
import { createPeerVerifier } from "./certificates/verified-peer.ts";
import { credentialId } from "./credential-id.ts";

/**
 * Common name = user, organizations = groups. The clock is that of TLS: the machine's.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
 */
export function clientCertificate(authorities: () => Authorities, clock: Clock): Authenticator {
  const verified = createPeerVerifier(authorities, clock);
  const users = new WeakMap<PeerCertificate, UserInfo>();
  return ({ peer: { certificate } }) => {
    if (certificate === undefined) return undefined;
    const leaf = verified(certificate);
    const known = users.get(certificate);
    if (known !== undefined) return known;
    const user = userOf(leaf);
    if (user !== undefined) users.set(certificate, user);
    return user;
  };
}

function userOf(certificate: X509Certificate): UserInfo | undefined {
  const { commonName, organizations } = subjectOf(certificate);
  if (commonName === "") return undefined;
  const uid = subjectUid(certificate);
  const fingerprint = createHash("sha256").update(certificate.raw).digest("hex");
  return {
    name: commonName,
    ...(uid === undefined ? {} : { uid }),
    groups: organizations,
    extra: { [credentialId]: [`X509SHA256=${fingerprint}`] },
  };
}
