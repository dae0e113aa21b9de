import { hostname, networkInterfaces } from "node:os";
import { PkiError } from "./pki-error.ts";
import { altName, type SubjectAltNames } from "./subject-alt-names.ts";

export interface Machine {
  readonly hostName: string;
  readonly addresses: readonly string[];
}

export interface ServingNameOptions {
  /** The cluster IP of the `kubernetes` Service. */
  readonly serviceAddress: string;
  readonly clusterDomain?: string;
  /** Further DNS names and addresses that the user wants to reach the server by. */
  readonly extra?: readonly string[];
  /** By default the one that this runs on. */
  readonly machine?: Machine;
}

/** Every name and address that a client may call the server by. */
export function servingNames(options: ServingNameOptions): SubjectAltNames {
  const { serviceAddress, clusterDomain = "cluster.local", extra = [], machine = thisMachine() } = options;
  const refused = extra.find((name) => altName(name) === undefined);
  if (refused !== undefined) {
    throw new PkiError(`"${refused}" cannot be a name of the serving certificate; give a DNS name or an IP address`);
  }
  const names = [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${clusterDomain}`,
    "127.0.0.1",
    "::1",
    serviceAddress,
    machine.hostName,
    ...machine.addresses,
    ...extra,
  ];
  // A host name with characters that DNS does not know is left out: nobody can call by it.
  return [...new Set(names.map(altName).filter((name) => name !== undefined))];
}

/** Link-local IPv6 addresses mean nothing without their zone, which a certificate cannot carry. */
function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter((entry) => !entry.internal && !entry.address.startsWith("fe80:"))
    .map((entry) => entry.address);
  return { hostName: hostname(), addresses };
}
