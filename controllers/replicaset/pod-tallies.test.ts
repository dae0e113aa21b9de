import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { selectorOfMap } from "../../api/machinery/labels.ts";
import { IndexedCache } from "../../client/indexed-cache.ts";
import type { InformerHandler } from "../../client/informer.ts";
import { createPodTallies, type PodTally, type TallyQuestion } from "./pod-tallies.ts";

const set = { metadata: { uid: "set", generation: 1 } };
const selector = selectorOfMap({ app: "web" });
const labels = { app: "web", tier: "front" };

const anyPod = fc.record({
  name: fc.constantFrom("a", "b", "c", "d"),
  owner: fc.constantFrom("set", "other", undefined),
  labels: fc.constantFrom({ app: "web" }, labels, { app: "db" }),
  phase: fc.constantFrom("Pending", "Running", "Failed"),
  isReady: fc.boolean(),
  isTerminating: fc.boolean(),
});
const step = fc.record({ do: fc.constantFrom("put", "put", "remove", "ask"), pod: anyPod });

function podOf(parts: typeof anyPod extends fc.Arbitrary<infer T> ? T : never): Pod {
  const { name, owner, phase, isReady, isTerminating } = parts;
  const reference = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", controller: true };
  return {
    metadata: {
      ...{ namespace: "default", name, uid: name, labels: parts.labels },
      ...(owner === undefined ? {} : { ownerReferences: [{ ...reference, uid: owner }] }),
      ...(isTerminating ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    status: { phase, conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] },
  };
}

it("property: a tally that is kept is the one that counting anew gives", () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const cache = new IndexedCache<Pod>();
      let handler: InformerHandler<Pod> = {};
      const tallies = createPodTallies({
        on(given) {
          handler = given;
          return () => undefined;
        },
      });
      const question = (): TallyQuestion => ({ selector, labels, pods: () => ownedBySet(cache) });
      const anew = (): PodTally => createPodTallies({ on: () => () => undefined }).of(set, question);
      for (const { do: what, pod: parts } of steps) {
        const pod = podOf(parts);
        if (what === "put") {
          const old = cache.put(pod);
          if (old === undefined) handler.added?.(pod);
          else handler.updated?.(pod, old);
        } else if (what === "remove") {
          const old = cache.remove(`default/${parts.name}`);
          // Its last state may be one that nobody was told of.
          const { ownerReferences } = old?.metadata ?? {};
          if (old !== undefined)
            handler.deleted?.({
              ...pod,
              metadata: { ...pod.metadata, ...(ownerReferences === undefined ? {} : { ownerReferences }) },
            });
        }
        expect(tallies.of(set, question)).toEqual(anew());
      }
    }),
  );
});

function* ownedBySet(cache: IndexedCache<Pod>): Iterable<ReturnType<typeof podOf>> {
  for (const pod of cache.list()) if (pod.metadata?.ownerReferences?.[0]?.uid === "set") yield pod as Pod;
}
