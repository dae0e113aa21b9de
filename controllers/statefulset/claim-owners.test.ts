import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type { OwnerReference } from "../../api/machinery/object.ts";
import { claimOwners, hasOtherController, isLeftBehind } from "./claim-owners.ts";

const set = (whenDeleted: string, whenScaled: string): StatefulSet => ({
  metadata: { namespace: "default", name: "web", uid: "set" },
  spec: {
    replicas: 1,
    selector: {},
    template: {},
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
  },
});

const pod = (ordinal: number): { metadata: { name: string; uid: string } } => ({
  metadata: { name: `web-${ordinal}`, uid: `pod-${ordinal}` },
});

const bySet: OwnerReference = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  name: "web",
  uid: "set",
  controller: true,
  blockOwnerDeletion: true,
};
const byPod: OwnerReference = { ...bySet, apiVersion: "v1", kind: "Pod", name: "web-1", uid: "pod-1" };
const byOther: OwnerReference = { ...bySet, kind: "Other", name: "other", uid: "other" };
const claim = (...ownerReferences: OwnerReference[]): object => ({ metadata: { ownerReferences } });

describe("the owners of a claim", () => {
  it.each<[string, string, string, number, OwnerReference[], OwnerReference[] | undefined]>([
    ["nobody, when it is retained", "Retain", "Retain", 0, [], undefined],
    ["nobody any more, when it is retained from now on", "Retain", "Retain", 0, [bySet], []],
    ["the set, when it goes with the set", "Delete", "Retain", 0, [], [bySet]],
    ["the set still, when the pod is too many", "Delete", "Retain", 1, [bySet], undefined],
    ["nobody, while the pod is wanted", "Retain", "Delete", 0, [], undefined],
    ["the pod, when the pod is too many", "Retain", "Delete", 1, [], [byPod]],
    ["the pod instead of the set", "Delete", "Delete", 1, [bySet], [byPod]],
    [
      "the set again, with others' references kept",
      "Delete",
      "Retain",
      1,
      [byPod, { ...byOther, controller: false }],
      [{ ...byOther, controller: false }, bySet],
    ],
    ["a manager, where it was a mere owner", "Delete", "Retain", 0, [{ ...bySet, controller: false }], [bySet]],
    ["another manager alone", "Delete", "Retain", 0, [bySet, byOther], [byOther]],
    ["another manager, untouched", "Delete", "Retain", 0, [byOther], undefined],
    [
      "one of the same name that is gone, for the garbage collector",
      "Delete",
      "Retain",
      0,
      [{ ...bySet, uid: "gone" }],
      undefined,
    ],
  ])("are %s", (_, whenDeleted, whenScaled, ordinal, before, after) => {
    expect(claimOwners(claim(...before), set(whenDeleted, whenScaled), pod(ordinal))).toEqual(after);
  });

  it("conflict where somebody else manages the claim and there is a policy to keep", () => {
    expect(hasOtherController(claim(byOther), set("Delete", "Retain"), pod(0))).toBe(true);
    expect(hasOtherController(claim(byOther), set("Retain", "Retain"), pod(0))).toBe(false);
    expect(hasOtherController(claim(bySet), set("Delete", "Retain"), pod(0))).toBe(false);
  });

  it("tell whether a claim goes with an earlier pod", () => {
    expect(isLeftBehind(claim(byPod), set("Retain", "Delete"), "web-1")).toBe(true);
    expect(isLeftBehind(claim(byPod), set("Retain", "Retain"), "web-1")).toBe(false);
    expect(isLeftBehind(claim(bySet), set("Delete", "Delete"), "web-1")).toBe(false);
  });
});
