import { TLSSocket } from "node:tls";
import type { Peer } from "../../api/wire.ts";
import { type Incoming, isHttp2 } from "./exchange.ts";

/** More of them is no way to an authority but work for nothing. */
const mostIntermediates = 8;

/** Looks at the client's certificate once per connection: a look costs as much as the rest of a small request. */
export function createPeers(): (incoming: Incoming) => Peer {
  const known = new WeakMap<object, Peer>();
  return (incoming) => {
    const connection = isHttp2(incoming) ? incoming.stream.session : incoming.socket;
    if (connection === undefined) return { address: "" }; // the session is gone already
    const before = known.get(connection);
    if (before !== undefined) return before;
    const peer = lookAt("socket" in connection ? connection.socket : connection);
    known.set(connection, peer);
    return peer;
  };
}

function lookAt(socket: object): Peer {
  // HTTP/2 hands out its socket behind a proxy, which passes `instanceof`.
  if (!(socket instanceof TLSSocket)) return { address: "" };
  const address = socket.remoteAddress ?? "";
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { address };
  return {
    address,
    // `authorized` alone says nothing: it is also true of a resumed session without a certificate.
    certificate: { bytes: certificate.raw, intermediates: sentWith(socket), verified: socket.authorized },
  };
}

/** Those that lead from one to the next, as far as they are known: Node 24 tells of them in this form alone. */
function sentWith(socket: TLSSocket): readonly Uint8Array[] {
  const sent: Uint8Array[] = [];
  let last = socket.getPeerCertificate(true);
  // The last one is its own issuer, or has none that is known.
  while (last.issuerCertificate !== last && sent.length < mostIntermediates) {
    last = last.issuerCertificate;
    if (last === undefined) break;
    sent.push(last.raw);
  }
  return sent;
}
