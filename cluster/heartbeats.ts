/** How often parts of a cluster tell that they live, and how long it is waited for; in milliseconds. */
export interface Heartbeats {
  /** Between two renewals of a node's Lease. */
  readonly nodeLeaseRenewMs?: number;
  /** Between two times that a node tells its status although it has not changed. */
  readonly nodeStatusReportMs?: number;
  /** So long a node may be silent before it counts as gone, */
  readonly nodeMonitorGraceMs: number;
  /** and so often it is looked at; so often, too, for pods that nobody collects. */
  readonly nodeMonitorPeriodMs: number;
  readonly podCollectionPeriodMs: number;
  /** Between two renewals of the server's identity Lease, which lasts an hour. */
  readonly serverLeaseRenewMs: number;
}

/** As upstream's components have them. */
export const usualHeartbeats: Heartbeats = {
  nodeMonitorGraceMs: 50_000,
  nodeMonitorPeriodMs: 5_000,
  podCollectionPeriodMs: 20_000,
  serverLeaseRenewMs: 10_000,
};

const minute = 60_000;

/** For simulated time, of which heartbeats would be all that happens in most of it. */
export const relaxedHeartbeats: Heartbeats = {
  nodeLeaseRenewMs: 60 * minute,
  nodeStatusReportMs: 60 * minute,
  nodeMonitorGraceMs: 300 * minute,
  nodeMonitorPeriodMs: 30 * minute,
  podCollectionPeriodMs: 30 * minute,
  serverLeaseRenewMs: 30 * minute,
};
