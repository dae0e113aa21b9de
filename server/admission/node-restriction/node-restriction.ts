import { nodeNameOf } from "../../../auth/authz/node/node-identity.ts";
import type { Authorizer } from "../../../auth/authz/authorizer.ts";
import { qualified } from "../../../api/machinery/status.ts";
import { forbid } from "../forbid.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { restrictClaim } from "./claims.ts";
import { restrictNode } from "./nodes.ts";
import { restrictCsiNode, restrictLease, restrictResourceSlice } from "./own-objects.ts";
import { restrictPod } from "./pods.ts";
import { restrictSigningRequest } from "./signing-requests.ts";
import { restrictToken } from "./tokens.ts";

export interface RestrictionDeps {
  readonly reader: ObjectReader;
  readonly authorize: Authorizer;
}

/** What a node asks for. Refuses by throwing ApiError. */
export type Restriction = (node: string, request: AdmissionRequest, deps: RestrictionDeps) => Promise<void> | void;

const restrictions: ReadonlyMap<string, Restriction> = new Map<string, Restriction>([
  ["pods", restrictPod],
  ["nodes", restrictNode],
  ["persistentvolumeclaims", restrictClaim],
  ["serviceaccounts", restrictToken],
  ["leases.coordination.k8s.io", restrictLease],
  ["csinodes.storage.k8s.io", restrictCsiNode],
  ["resourceslices.resource.k8s.io", restrictResourceSlice],
  ["certificatesigningrequests.certificates.k8s.io", restrictSigningRequest],
]);

/**
 * A node writes about itself and its own pods only; what it says of itself gives it no more power.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export function nodeRestriction(deps: RestrictionDeps): AdmissionPlugin {
  return {
    name: "NodeRestriction",
    mutate(request) {
      const { user, kind, operation } = request;
      const node = operation === "CONNECT" ? undefined : nodeNameOf(user);
      if (node === undefined) return "unchanged";
      if (node === "") throw forbid(request, `could not determine node from user ${JSON.stringify(user.name)}`);
      const judged = restrictions.get(qualified(kind.row.groupResource))?.(node, request, deps);
      return judged instanceof Promise ? judged.then(() => "unchanged" as const) : "unchanged";
    },
  };
}
