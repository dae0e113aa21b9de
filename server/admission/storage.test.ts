import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../api/machinery/object.ts";
import { defaultIngressClass } from "./default-ingress-class.ts";
import { defaultStorageClass } from "./default-storage-class.ts";
import { admissionRequest, holding, mutate, refusal } from "./objects.testing.ts";
import { persistentVolumeClaimResize } from "./persistent-volume-claim-resize.ts";
import { storageObjectInUseProtection } from "./storage-object-in-use-protection.ts";

function marked(name: string, mark: string, creationTimestamp: string): KubeObject {
  return { metadata: { name, creationTimestamp, annotations: { [mark]: "true" } } };
}

const storageMark = "storageclass.kubernetes.io/is-default-class";
const ingressMark = "ingressclass.kubernetes.io/is-default-class";
const objects = holding({
  "storageclasses.storage.k8s.io": [
    { metadata: { name: "plain" } },
    marked("old", storageMark, "2025-01-01T00:00:00Z"),
    marked("b", "storageclass.beta.kubernetes.io/is-default-class", "2026-01-01T00:00:00Z"),
    marked("a", storageMark, "2026-01-01T00:00:00Z"),
    { metadata: { name: "growing" }, ...{ allowVolumeExpansion: true } },
  ],
  "ingressclasses.networking.k8s.io": [marked("nginx", ingressMark, "2026-01-01T00:00:00Z")],
});

function claim(spec: object, more: object = {}): KubeObject {
  return { metadata: { name: "c" }, ...more, ...{ spec } };
}

describe("DefaultStorageClass", () => {
  const plugin = defaultStorageClass({ reader: objects });

  it("gives a claim the newest default class", async () => {
    const request = admissionRequest("persistentvolumeclaims", { object: claim({}) });
    expect(await mutate(plugin, request)).toBe("changed");
    expect(request.object).toMatchObject({ spec: { storageClassName: "a" } });
  });

  it("leaves a claim that says something, though it be nothing", async () => {
    const annotations = { "volume.beta.kubernetes.io/storage-class": "x" };
    for (const object of [claim({ storageClassName: "" }), claim({}, { metadata: { name: "c", annotations } })])
      expect(await mutate(plugin, admissionRequest("persistentvolumeclaims", { object }))).toBe("unchanged");
    const empty = defaultStorageClass({ reader: holding() });
    expect(await mutate(empty, admissionRequest("persistentvolumeclaims", { object: claim({}) }))).toBe("unchanged");
  });
});

describe("DefaultIngressClass", () => {
  it("gives an ingress the default class", async () => {
    const plugin = defaultIngressClass({ reader: objects });
    const resource = "ingresses.networking.k8s.io";
    const request = admissionRequest(resource, { object: { metadata: { name: "i" } } });
    expect(await mutate(plugin, request)).toBe("changed");
    expect(request.object).toMatchObject({ spec: { ingressClassName: "nginx" } });
    const annotations = { "kubernetes.io/ingress.class": "other" };
    const annotated = admissionRequest(resource, { object: { metadata: { name: "i", annotations } } });
    expect(await mutate(plugin, annotated)).toBe("unchanged");
  });
});

describe("StorageObjectInUseProtection", () => {
  it.each([
    ["persistentvolumeclaims", "kubernetes.io/pvc-protection"],
    ["persistentvolumes", "kubernetes.io/pv-protection"],
    ["volumeattributesclasses.storage.k8s.io", "kubernetes.io/vac-protection"],
  ])("holds %s by %s", async (resource, finalizer) => {
    const request = admissionRequest(resource, { object: { metadata: { name: "x", finalizers: ["own"] } } });
    expect(await mutate(storageObjectInUseProtection(), request)).toBe("changed");
    expect(request.object?.metadata?.finalizers).toEqual(["own", finalizer]);
    expect(await mutate(storageObjectInUseProtection(), request)).toBe("unchanged");
  });
});

describe("PersistentVolumeClaimResize", () => {
  const sized = (storage: string, storageClassName: string, phase = "Bound"): KubeObject =>
    claim({ storageClassName, resources: { requests: { storage } } }, { status: { phase } });
  const resize = (object: KubeObject, old: KubeObject): Promise<string | undefined> =>
    refusal(
      persistentVolumeClaimResize({ reader: objects }),
      admissionRequest("persistentvolumeclaims", { object, old }),
    );

  it("lets bound claims of a class that allows it grow", async () => {
    expect(await resize(sized("2Gi", "growing"), sized("1Gi", "growing"))).toBeUndefined();
    expect(await resize(sized("1Gi", "plain"), sized("1024Mi", "plain", "Pending"))).toBeUndefined();
  });

  it("refuses others", async () => {
    expect(await resize(sized("2Gi", "growing"), sized("1Gi", "growing", "Pending"))).toBe(
      'persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded',
    );
    expect(await resize(sized("2Gi", "plain"), sized("1Gi", "plain"))).toBe(
      'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });
});
