import type { MeteredNode } from "../agent/metrics-api/metered-node.ts";
import type { Transport, UserInfo } from "../api/wire.ts";
import { Scope } from "../base/scope.ts";
import { kubeconfigOf, type Kubeconfig } from "../certs/kubeconfig.ts";
import { authority } from "./addresses.ts";
import { certificateSigning } from "./certificate-signing.ts";
import { clusterSettings } from "./cluster-settings.ts";
import { counted } from "./in-process.ts";
import { keepSystem } from "./keep-system.ts";
import { openFoundations } from "./open-foundations.ts";
import type { ClusterOptions } from "./options.ts";
import { startComponents } from "./start-components.ts";
import { type Progress, startServer } from "./start-server.ts";

export interface Cluster extends AsyncDisposable {
  /** https://127.0.0.1:port */
  readonly url: string;
  readonly port: number;
  /** The administrator's credentials. */
  readonly kubeconfig: Kubeconfig;
  /** In process, as a user: `cluster.as({ name: "jane", groups: ["system:masters"] })`. */
  as(user: UserInfo): Transport;
  /** Resolves when no queue holds work and no request is under way. */
  settled(): Promise<void>;
}

const yearMs = 365 * 86_400_000;

/** Puts a control plane together and starts it; resolves when it is ready. The only place where all parts meet. */
export async function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const settings = await clusterSettings(options);
  const { activity, addresses, clock, heartbeats, log, random } = settings;
  const { through = (transport: Transport) => transport, serviceAccounts = {} } = options;
  await using scope = new Scope();
  const foundations = await openFoundations(settings, scope);
  const { pki, serviceAccountTokens } = foundations;
  const signing = await certificateSigning(options.certificateSigning ?? {}, pki.ca);
  const metered: MeteredNode[] = [];
  const progress: Progress = { done: false };
  const started = await startServer(settings, foundations, { scope, metered, progress });
  const { server, http } = started;
  await keepSystem(settings, foundations, started, scope);
  scope.use(
    await startComponents({
      ...{ heartbeats, clock, random, log, activity, metered, signing },
      settings: settings.components,
      as: (user) => through(server.as(user), user),
      caPem: pki.ca.certPem,
      serviceAccountKey: serviceAccountTokens.signingKey,
      legacyTokenCleanUpMs: serviceAccounts.legacyTokenCleanUpMs ?? yearMs,
    }),
  );
  progress.done = true;
  const url = `https://${authority(addresses.local, http.port)}`;
  const running = scope.move();
  return {
    url,
    port: http.port,
    kubeconfig: kubeconfigOf({ server: url, caPem: pki.ca.certPem, client: pki.clients.admin }),
    as: (user) => counted(server.as(user), { activity }),
    settled: () => activity.idle(),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
