import fc from "fast-check";
import { expect, it } from "vitest";
import { nextBindingWrite, partedVolume, type Write } from "./binding.ts";
import { type Claim, claimUidOf, nameOf, type Volume, volumeNameOf } from "./claim-and-volume.ts";
import { matchVolume } from "./match-volume.ts";
import { claimOf, volumeOf } from "./objects.testing.ts";
import { planClaim } from "./plan-claim.ts";
import { planVolume } from "./plan-volume.ts";

/** What happens: somebody looks at a claim or a volume, and comes as far as so many writes; or the scheduler reserves one. */
type Step =
  | { readonly claim: number; readonly writes: number }
  | { readonly volume: number }
  | { readonly reserve: number; readonly for: number };

interface World {
  readonly volumes: Map<string, Volume>;
  readonly claims: Map<string, Claim>;
}

function put({ volumes, claims }: World, write: Write): void {
  if ("volume" in write) volumes.set(nameOf(write.volume), write.volume);
  else claims.set(nameOf(write.claim), write.claim);
}

function lookAtClaim(world: World, name: string, writes: number): void {
  const claim = world.claims.get(name);
  if (claim === undefined) return;
  const plan = planClaim(claim, {
    volume: (volume) => world.volumes.get(volume),
    match: (delayed) => matchVolume(claim, world.volumes.values(), { delayed }),
    storageClass: () => undefined,
    defaultClass: () => undefined,
    waitingPods: () => [],
  });
  if (plan.do !== "bind") return;
  const volume = nameOf(plan.volume);
  for (let left = writes; left > 0; left -= 1) {
    const write = nextBindingWrite(world.volumes.get(volume) ?? {}, world.claims.get(name) ?? {});
    if (write === undefined) return;
    put(world, write);
  }
}

function lookAtVolume(world: World, name: string): void {
  const volume = world.volumes.get(name);
  if (volume === undefined) return;
  const plan = planVolume(volume, world.claims.get(volume.spec?.claimRef?.name ?? ""));
  if (plan.do === "be") world.volumes.set(name, { ...volume, status: { phase: plan.phase } });
  if (plan.do === "part") world.volumes.set(name, { ...partedVolume(volume), status: { phase: "Available" } });
}

function take(world: World, step: Step): void {
  const nameAt = (names: Iterable<string>, at: number): string => [...names][at] ?? "";
  if ("claim" in step) lookAtClaim(world, nameAt(world.claims.keys(), step.claim), step.writes);
  else if ("volume" in step) lookAtVolume(world, nameAt(world.volumes.keys(), step.volume));
  else {
    const volume = world.volumes.get(nameAt(world.volumes.keys(), step.reserve));
    const claim = world.claims.get(nameAt(world.claims.keys(), step.for));
    if (volume === undefined || claim === undefined || volume.spec?.claimRef !== undefined) return;
    if (volumeNameOf(claim) !== undefined) return;
    const write = nextBindingWrite(volume, claim);
    if (write !== undefined) put(world, write);
  }
}

function expectNoneShared({ claims }: World): void {
  const named = [...claims.values()].map(volumeNameOf).filter((name) => name !== undefined);
  expect(new Set(named).size).toBe(named.length);
}

it("no volume is ever bound to two claims, and in the end no claim to two volumes, wherever the writes stop", () => {
  const size = fc.integer({ min: 1, max: 4 }).map((gigabytes) => `${gigabytes}Gi`);
  const at = fc.nat(4);
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ claim: at, writes: fc.nat(4) }),
    fc.record({ volume: at }),
    fc.record({ reserve: at, for: at }),
  );
  const sizes = fc.array(size, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(sizes, sizes, fc.array(step, { maxLength: 40 }), (volumeSizes, claimSizes, steps) => {
      const world: World = {
        volumes: new Map(volumeSizes.map((one, index) => [`v${index}`, volumeOf(`v${index}`, { size: one })])),
        claims: new Map(claimSizes.map((one, index) => [`c${index}`, claimOf({ name: `c${index}`, size: one })])),
      };
      for (const one of steps) {
        take(world, one);
        expectNoneShared(world);
      }
      for (let round = 0; round < 20; round += 1) {
        for (const name of world.claims.keys()) lookAtClaim(world, name, 4);
        for (const name of world.volumes.keys()) lookAtVolume(world, name);
      }
      expectNoneShared(world);
      for (const claim of world.claims.values()) {
        const own = [...world.volumes.values()].filter(
          (volume) => claimUidOf(volume) === claim.metadata?.uid && volume.status?.phase === "Bound",
        );
        expect(own.map(nameOf)).toEqual(volumeNameOf(claim) === undefined ? [] : [volumeNameOf(claim)]);
      }
    }),
    { numRuns: 100 },
  );
});
