import type { ResourceRow } from "../api/resource.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";

/** How a cluster is made. Everything has a default; a library cluster lives in memory and on any free port. */
export interface ClusterOptions {
  /** Where state is kept: keys and certificates, and the store. Undefined: in memory, gone with the process. */
  readonly dataDir?: string;
  /** 0: any free one. */
  readonly port?: number;
  readonly host?: string;
  /** Where nodes and pods find the server; by default the machine's first address that others can reach. */
  readonly advertiseAddress?: string;
  /** Further names and addresses in the serving certificate. */
  readonly tlsSans?: readonly string[];
  /** Ranges of service addresses, one per family. */
  readonly serviceRanges?: readonly string[];
  /** Inclusive. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
  /** False: writes are acknowledged before they are on the disk. For tests only. */
  readonly durable?: boolean;
  readonly rows?: readonly ResourceRow[];
  /** `apps/v1/deployments=false,…` in upstream's syntax: what is not served. */
  readonly runtimeConfig?: string;
  /** `A=true,B=false`: checked against upstream's gates, of which only the defaults can be had. */
  readonly featureGates?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  /** Tell of the whole process (memory, CPU, event loop) in /metrics: for a process that is nothing but this cluster. */
  readonly processMetrics?: boolean;
}
