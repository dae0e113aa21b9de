import { describe, expect, it } from "vitest";
import { claimOf, volumeOf } from "../persistentvolume/objects.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { persistentVolumeBinderController } from "../persistentvolume/persistent-volume-binder-controller.ts";
import { persistentVolumeClaims, persistentVolumes, storageClasses } from "../../client/resource-types.ts";
import { stage } from "../stage.testing.ts";
import { expansion } from "./expansion.ts";
import { persistentVolumeExpanderController } from "./persistent-volume-expander-controller.ts";

const ours = { "pv.kubernetes.io/provisioned-by": "wherry.dev/local-path" };
const bound = {
  ...claimOf({ size: "3Gi", volumeName: "a" }),
  status: { phase: "Bound", capacity: { storage: "1Gi" } },
};
const volume = volumeOf("a", { claim: "data", uid: "uid-data", annotations: ours });

describe("a claim that wants more than it has", () => {
  it("gets it with its volume", () => {
    const resizing = { type: "Resizing", status: "True" };
    const other = { type: "ModifyingVolume", status: "True" };
    const status = {
      ...bound.status,
      conditions: [resizing, other],
      allocatedResourceStatuses: { storage: "NodeResizePending" },
    };
    expect(expansion({ ...bound, status }, volume)).toMatchObject({
      do: "grow",
      volume: { spec: { capacity: { storage: "3Gi" } } },
      claim: { status: { phase: "Bound", capacity: { storage: "3Gi" }, conditions: [other] } },
    });
  });

  it("gets what its volume holds already", () => {
    const large = volumeOf("a", { claim: "data", uid: "uid-data", annotations: ours, size: "3Gi" });
    expect(expansion(bound, large)).toMatchObject({ do: "grow", volume: large });
  });

  it("is left to others where the volume is theirs, and to itself where it is not bound or has enough", () => {
    expect(expansion(bound, volumeOf("a", { claim: "data", uid: "uid-data" }))).toEqual({ do: "leave" });
    expect(expansion({ ...bound, status: { phase: "Pending" } }, volume)).toEqual({ do: "nothing" });
    expect(expansion(bound, volumeOf("a", { claim: "data", uid: "other", annotations: ours }))).toEqual({
      do: "nothing",
    });
    expect(expansion({ ...bound, status: { phase: "Bound", capacity: { storage: "3Gi" } } }, volume)).toEqual({
      do: "nothing",
    });
  });

  it("says once whom it waits for", async () => {
    const told = toldEvents(persistentVolumeExpanderController);
    await using play = await stage([told.controller, persistentVolumeBinderController]);
    await play.client.create(storageClasses, {
      metadata: { name: "csi" },
      provisioner: "example.com",
      allowVolumeExpansion: true,
    });
    const accessModes = ["ReadWriteOnce"];
    await play.client.create(persistentVolumes, {
      metadata: { name: "a" },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes,
        csi: { driver: "example.com", volumeHandle: "h" },
        storageClassName: "csi",
      },
    });
    const name = { namespace: "default", name: "data" };
    const request = (storage: string) => ({ resources: { requests: { storage } } });
    await play.client.create(persistentVolumeClaims, {
      metadata: name,
      spec: { ...request("1Gi"), accessModes, storageClassName: "csi" },
    });
    await play.settled();
    await play.client.patch(persistentVolumeClaims, name, { spec: request("2Gi") });
    await play.client.patch(persistentVolumeClaims, name, { metadata: { labels: { a: "1" } } });
    await play.settled();
    expect(told.events).toEqual(["Normal ExternalExpanding waiting for an external controller to expand this PVC"]);
  });
});
