import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Client } from "../client/client.ts";
import { resourceClaims } from "../client/resource-types.ts";
import { splitKey } from "../client/lister.ts";
import type { ClaimEffects } from "./plugins/dynamic-resources/effects.ts";

export interface ClaimEffectsDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** For work that nobody waits for. */
  readonly background: (work: Promise<void>) => void;
}

export function createClaimEffects({ client, clock, log, background }: ClaimEffectsDeps): ClaimEffects {
  return {
    fetchClaim: (key) => client.get(resourceClaims, splitKey(key)),
    updateClaim: (claim) => client.update(resourceClaims, claim),
    updateClaimStatus: (claim) => client.update(resourceClaims, claim, "status"),
    removeReservation({ metadata: { name = "", namespace = "", uid = "" } = {} }, podUid) {
      // The list is merged by uid, so nobody else's reservation is touched.
      const patch = { metadata: { uid }, status: { reservedFor: [{ $patch: "delete", uid: podUid }] } };
      const options = { type: "strategic", subresource: "status" } as const;
      background(
        client.patch(resourceClaims, { namespace, name }, patch, options).then(
          () => undefined,
          // The next attempt to schedule the pod comes here again.
          (error: unknown) => log.warn("could not take a reservation back", { claim: `${namespace}/${name}`, error }),
        ),
      );
    },
    now: () => clock.now(),
  };
}
