import { describe, expect, test } from "vitest";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
} from "../generated/types/core-v1.ts";
import { ago, cellsOf, created, findingsOf, trialTime, updated } from "../row.testing.ts";
import { persistentVolumeClaims } from "./persistent-volume-claims.ts";
import { persistentVolumes } from "./persistent-volumes.ts";

const metadata = { name: "x", creationTimestamp: ago(60) };

describe("claims", () => {
  const spec: PersistentVolumeClaimSpec = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
  };
  const claim = (
    more: Partial<PersistentVolumeClaimSpec> = {},
    status: PersistentVolumeClaim["status"] = { phase: "Pending" },
  ): PersistentVolumeClaim => ({
    metadata,
    spec: { ...spec, ...more },
    ...(status === undefined ? {} : { status }),
  });

  test("show their volume once they are bound", () => {
    expect(cellsOf(persistentVolumeClaims, claim({ storageClassName: "fast" }))).toMatchObject({
      Status: "Pending",
      Volume: "",
      Capacity: "",
      "Access Modes": "",
      StorageClass: "fast",
      VolumeAttributesClass: "<unset>",
      VolumeMode: "<unset>",
    });
    const bound = claim(
      { volumeName: "pv", volumeMode: "Filesystem" },
      { phase: "Bound", accessModes: ["ReadWriteMany", "ReadWriteOnce"], capacity: { storage: "2Gi" } },
    );
    expect(cellsOf(persistentVolumeClaims, bound)).toMatchObject({
      Status: "Bound",
      Volume: "pv",
      Capacity: "2Gi",
      "Access Modes": "RWO,RWX",
      VolumeMode: "Filesystem",
    });
  });

  test("say where their data comes from in both fields", () => {
    const source = { kind: "PersistentVolumeClaim", name: "old" };
    expect(created(persistentVolumeClaims, claim({ dataSource: source })).spec?.dataSourceRef).toEqual(source);
    expect(created(persistentVolumeClaims, claim({ dataSourceRef: source })).spec?.dataSource).toEqual(source);
    const custom = { apiGroup: "example.com", kind: "Populator", name: "p" };
    expect(created(persistentVolumeClaims, claim({ dataSourceRef: custom })).spec).not.toHaveProperty("dataSource");
  });

  test.each<[string, PersistentVolumeClaim, PersistentVolumeClaim]>([
    ["a volume, once", claim(), claim({ volumeName: "pv" })],
    ["a class where there was none", claim(), claim({ storageClassName: "fast" })],
    [
      "more room when bound",
      claim({ volumeName: "pv" }, { phase: "Bound" }),
      claim({ volumeName: "pv", resources: { requests: { storage: "2Gi" } } }, { phase: "Bound" }),
    ],
  ])("may get %s", (_name, old, now) => {
    expect(findingsOf(persistentVolumeClaims, now, old)).toEqual([]);
  });

  test.each<[string, PersistentVolumeClaim, PersistentVolumeClaim]>([
    ["another volume", claim({ volumeName: "a" }), claim({ volumeName: "b" })],
    ["another class", claim({ storageClassName: "a" }), claim({ storageClassName: "b" })],
    ["more room before they are bound", claim(), claim({ resources: { requests: { storage: "2Gi" } } })],
    ["other access modes", claim(), claim({ accessModes: ["ReadOnlyMany"] })],
  ])("may not get %s", (_name, old, now) => {
    expect(findingsOf(persistentVolumeClaims, now, old).join()).toMatch(
      "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    );
  });

  test("may not shrink below what they have", () => {
    const of = (storage: string): PersistentVolumeClaim =>
      claim(
        { volumeName: "pv", resources: { requests: { storage } } },
        { phase: "Bound", capacity: { storage: "2Gi" } },
      );
    expect(findingsOf(persistentVolumeClaims, of("1Gi"), of("4Gi"))).toEqual([
      "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
    ]);
    expect(findingsOf(persistentVolumeClaims, of("3Gi"), of("4Gi"))).toEqual([]);
  });

  test("must say how much and how", () => {
    expect(findingsOf(persistentVolumeClaims, { metadata, spec: {} } as PersistentVolumeClaim)).toEqual([
      "spec.accessModes: Required value: at least 1 access mode is required",
      "spec.resources[storage]: Required value",
    ]);
  });
});

describe("volumes", () => {
  const volume = (more: Partial<PersistentVolumeSpec> = {}, status?: PersistentVolume["status"]): PersistentVolume => ({
    metadata,
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path: "/data" },
      ...more,
    },
    ...(status === undefined ? {} : { status }),
  });

  test("show size, claim and state", () => {
    expect(
      cellsOf(
        persistentVolumes,
        volume({ claimRef: { namespace: "default", name: "c" }, volumeMode: "Block" }, { phase: "Bound" }),
      ),
    ).toEqual({
      Name: "x",
      Capacity: "1Gi",
      "Access Modes": "RWO",
      "Reclaim Policy": "Retain",
      Status: "Bound",
      Claim: "default/c",
      StorageClass: "",
      VolumeAttributesClass: "<unset>",
      Reason: "",
      Age: "60s",
      VolumeMode: "Block",
    });
  });

  test("know when their phase changed", () => {
    const now = ago(0);
    expect(created(persistentVolumes, volume()).status).toEqual({ phase: "Pending", lastPhaseTransitionTime: now });
    const old = volume({}, { phase: "Available", lastPhaseTransitionTime: ago(600) });
    const bound = updated(
      persistentVolumes,
      volume({}, { phase: "Bound", lastPhaseTransitionTime: ago(600) }),
      old,
      "status",
    );
    expect(bound.status).toEqual({ phase: "Bound", lastPhaseTransitionTime: now });
    expect(updated(persistentVolumes, old, old, "status").status?.lastPhaseTransitionTime).toBe(ago(600));
    expect(Date.parse(now)).toBe(trialTime);
  });

  test("are what they were made as", () => {
    expect(findingsOf(persistentVolumes, volume({ hostPath: { path: "/other" } }), volume())).toEqual([
      [
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
        "@@ -1,5 +1,5 @@",
        " {",
        '  "hostPath": {',
        '-  "path": "/data"',
        '+  "path": "/other"',
        "  }",
        " }",
        "",
      ].join("\n"),
    ]);
    expect(
      findingsOf(persistentVolumes, volume({ capacity: { storage: "2Gi" }, claimRef: { name: "c" } }), volume()),
    ).toEqual([]);
  });

  test("have one source", () => {
    expect(findingsOf(persistentVolumes, volume({ nfs: { server: "s", path: "/" } }))).toEqual([
      "spec.nfs: Forbidden: may not specify more than 1 volume type",
    ]);
    expect(
      findingsOf(persistentVolumes, {
        metadata,
        spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } },
      } as PersistentVolume),
    ).toEqual(["spec: Required value: must specify a volume type"]);
  });
});
