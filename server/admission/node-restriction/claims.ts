import type { PersistentVolumeClaim } from "../../../api/generated/types/core-v1.ts";
import { unifiedDiff } from "../../../api/core/unified-diff.ts";
import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { forbid } from "../forbid.ts";
import { claims, stored, written } from "../written.ts";
import type { Restriction } from "./node-restriction.ts";

type Claim = DeepReadonly<PersistentVolumeClaim>;

/** A node tells how large a volume has become, and nothing else. */
export const restrictClaim: Restriction = (node, request) => {
  if (request.subresource !== "status") throw forbid(request, "may only update PVC status");
  if (request.operation !== "UPDATE") throw forbid(request, `unexpected operation "${request.operation}"`);
  const before = withoutSizes(stored<PersistentVolumeClaim>(request) ?? {});
  const after = withoutSizes(written<PersistentVolumeClaim>(request, claims, "status") ?? {});
  if (semanticEqual(before, after)) return;
  const why = `node ${JSON.stringify(node)} is not allowed to update fields other than status.quantity and status.conditions`;
  throw forbid(request, `${why}: ${unifiedDiff(before, after)}`);
};

function withoutSizes({ metadata = {}, status = {}, ...claim }: Claim): Claim {
  const { resourceVersion: _version, managedFields: _managed, ...kept } = metadata;
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResources: _allocated,
    allocatedResourceStatuses: _statuses,
    ...rest
  } = status;
  return { ...claim, metadata: kept, status: rest };
}
