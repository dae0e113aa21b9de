import { hostname } from "node:os";
import type { UserInfo } from "../api/wire.ts";
import { realClock } from "../base/clock.ts";
import { repeat } from "../base/repeat.ts";
import type { Scope } from "../base/scope.ts";
import { localPathClass } from "../controllers/localpath/local-path-class.ts";
import { localPathProvisionerController } from "../controllers/localpath/local-path-provisioner-controller.ts";
import { authority } from "./addresses.ts";
import { bootstrap, type BootstrapOptions, repairSystem } from "./bootstrap/bootstrap.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { keepIdentityLease } from "./identity-lease.ts";
import type { Foundations } from "./open-foundations.ts";
import type { StartedServer } from "./start-server.ts";

/** The server's own user while it makes the objects that every cluster has. */
const self: UserInfo = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };
/** As often as kube-apiserver looks after its own service. */
const checkMs = 10_000;

/** Makes what every cluster has, and keeps it until `scope` ends. */
export async function keepSystem(
  settings: ClusterSettings,
  { pki, authentication }: Foundations,
  { server, http: { port } }: StartedServer,
  scope: Scope,
): Promise<void> {
  const { rows, addresses, components, clock, random, log, heartbeats } = settings;
  const { service: serviceAddress, advertised: advertiseAddress, serviceRanges } = addresses;
  const transport = server.as(self);
  const system: BootstrapOptions = {
    transport,
    rows,
    serviceRanges,
    address: { serviceAddress, port, advertiseAddress },
    trust: authentication,
    clusterInfo: { server: `https://${authority(addresses.joining, port)}`, caPem: pki.ca.certPem },
    now: clock.now(),
    firstObjects: components.controllers.includes(localPathProvisionerController) ? [localPathClass] : [],
    log,
  };
  await bootstrap(system);
  await server.start();
  const failed = (error: unknown): void =>
    log.error("the objects that every cluster has could not be checked", { error });
  scope.defer(repeat(checkMs, () => repairSystem(system), { clock: realClock, failed }));
  if (!rows.some(({ group, plural }) => group === "coordination.k8s.io" && plural === "leases")) return;
  const address = authority(advertiseAddress, port);
  const renewMs = heartbeats.serverLeaseRenewMs;
  scope.defer(await keepIdentityLease({ transport, hostname: hostname(), address, renewMs, clock, random, log }));
}
