import { describe, expect, test } from "vitest";
import type { Pod, Volume } from "../generated/types/core-v1.ts";
import { findingsOf } from "../row.testing.ts";
import { pods } from "./pods.ts";
import { podTemplates } from "./pod-templates.ts";

const at = "spec.volumes[0]";

function findings(...volumes: Partial<Volume>[]): string[] {
  const pod: Pod = {
    metadata: { name: "web" },
    spec: {
      containers: [{ name: "app", image: "a" }],
      serviceAccountName: "default",
      volumes: volumes.map((volume, index) => ({ name: `v${index}`, ...volume })),
    },
  };
  return findingsOf(pods, pod);
}

const many = "Forbidden: may not specify more than 1 volume type";
const octal = "must be a number between 0 and 0777 (octal), both inclusive";

test.each<[string, Partial<Volume>]>([
  ["emptyDir", { emptyDir: { sizeLimit: "1Gi" } }],
  ["hostPath", { hostPath: { path: "/var/..log" } }],
  ["gitRepo", { gitRepo: { repository: "r", directory: "a/b" } }],
  ["gcePersistentDisk", { gcePersistentDisk: { pdName: "d", partition: 255 } }],
  ["awsElasticBlockStore", { awsElasticBlockStore: { volumeID: "v" } }],
  ["secret", { secret: { secretName: "s", defaultMode: 0o777, items: [{ key: "k", path: "a/b", mode: 0 }] } }],
  ["nfs", { nfs: { server: "s", path: "/p" } }],
  ["iscsi by iqn", { iscsi: { targetPortal: "p", iqn: "iqn.2015-02.example.com:test", lun: 1 } }],
  ["iscsi by eui", { iscsi: { targetPortal: "p", iqn: "eui.0123456789ABCDEF", lun: 1 } }],
  ["glusterfs", { glusterfs: { endpoints: "e", path: "p" } }],
  ["persistentVolumeClaim", { persistentVolumeClaim: { claimName: "c" } }],
  ["rbd", { rbd: { monitors: ["m"], image: "i" } }],
  ["flexVolume", { flexVolume: { driver: "d", options: { a: "b" } } }],
  ["cephfs", { cephfs: { monitors: ["m"] } }],
  ["flocker", { flocker: { datasetName: "d" } }],
  ["fc", { fc: { wwids: ["w"] } }],
  ["quobyte", { quobyte: { registry: "a:1,[::1]:2", volume: "v" } }],
  ["azureDisk", { azureDisk: { diskName: "d", diskURI: "https://x", kind: "Dedicated" } }],
  ["storageos", { storageos: { volumeName: "v", secretRef: { name: "s" } } }],
  ["scaleIO", { scaleIO: { gateway: "g", system: "s", volumeName: "v", secretRef: { name: "s" } } }],
  ["csi", { csi: { driver: "d.example.com", nodePublishSecretRef: { name: "s" } } }],
  ["image", { image: { reference: "example.com/i" } }],
  [
    "downwardAPI",
    {
      downwardAPI: {
        items: [
          { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
          { path: "cpu", resourceFieldRef: { containerName: "app", resource: "limits.cpu" } },
        ],
      },
    },
  ],
  [
    "ephemeral",
    {
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { a: "b" } },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        },
      },
    },
  ],
])("a volume of %s", (_name, volume) => {
  expect(findings(volume)).toEqual([]);
});

test.each<[string, Partial<Volume>, string[]]>([
  [
    "an upper-case name",
    { name: "A", emptyDir: {} },
    [
      `${at}.name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
  ["nothing", {}, [`${at}: Required value: must specify a volume type`]],
  [
    "a negative size",
    { emptyDir: { sizeLimit: "-1" } },
    [`${at}.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity`],
  ],
  ["two types", { emptyDir: {}, cephfs: { monitors: ["m"] } }, [`${at}.cephFS: ${many}`]],
  [
    "three types",
    { nfs: { server: "s", path: "/p" }, downwardAPI: {}, image: { reference: "i" } },
    [`${at}.downwarAPI: ${many}`, `${at}.image: ${many}`],
  ],
  [
    "a path of the host that steps back",
    { hostPath: { path: "/a/../b" } },
    [`${at}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  ],
  [
    "a repository in a folder above",
    { gitRepo: { repository: "r", directory: "/a" } },
    [`${at}.gitRepo.directory: Invalid value: "/a": must be a relative path`],
  ],
  [
    "a disk without a name",
    { gcePersistentDisk: { pdName: "", partition: 256 } },
    [
      `${at}.persistentDisk.pdName: Required value`,
      `${at}.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, or 0 if there is no partition`,
    ],
  ],
  [
    "files that everyone could do more than everything with",
    { secret: { secretName: "s", defaultMode: 0o1000 } },
    [`${at}.secret.defaultMode: Invalid value: 512: ${octal}`],
  ],
  [
    "files at odd places",
    {
      configMap: {
        name: "c",
        items: [
          { key: "", path: "..a" },
          { key: "k", path: "" },
          { key: "k", path: "a/../b" },
        ],
      },
    },
    [
      `${at}.configMap.items[0].key: Required value`,
      `${at}.configMap.items[0].path: Invalid value: "..a": must not start with '..'`,
      `${at}.configMap.items[1].path: Required value`,
      `${at}.configMap.items[2].path: Invalid value: "a/../b": must not contain '..'`,
    ],
  ],
  [
    "a relative export",
    { nfs: { server: "s", path: "p" } },
    [`${at}.nfs.path: Invalid value: "p": must be an absolute path`],
  ],
  [
    "a target of no form",
    { iscsi: { targetPortal: "", iqn: "abc", lun: 256 } },
    [
      `${at}.iscsi.targetPortal: Required value`,
      `${at}.iscsi.iqn: Invalid value: "abc": must be valid format starting with iqn, eui, or naa`,
      `${at}.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive`,
    ],
  ],
  [
    "a challenge without a secret",
    { iscsi: { targetPortal: "p", iqn: "naa.1", lun: 1, chapAuthSession: true } },
    [`${at}.iscsi.iqn: Invalid value: "naa.1": must be valid format`, `${at}.iscsi.secretRef: Required value`],
  ],
  [
    "a target whose name gets too long",
    {
      iscsi: {
        targetPortal: "p".repeat(62),
        iqn: "eui.0123456789ABCDEF",
        lun: 1,
        initiatorName: "eui.0123456789ABCDEF",
      },
    },
    [
      `${at}.name: Invalid value: "v0": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
    ],
  ],
  [
    "an option of Kubernetes' own",
    { flexVolume: { driver: "", options: { "Foo.K8s.io/x": "" } } },
    [
      `${at}.flexVolume.driver: Required value`,
      `${at}.flexVolume.options[Foo.K8s.io/x]: Invalid value: "Foo.K8s.io/x": kubernetes.io and k8s.io namespaces are reserved`,
    ],
  ],
  [
    "two datasets",
    { flocker: { datasetName: "a/b", datasetUUID: "u" } },
    [
      `${at}.flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously`,
      `${at}.flocker.datasetName: Invalid value: "a/b": must not contain '/'`,
    ],
  ],
  [
    "no fibre",
    { fc: {} },
    [`${at}.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both`],
  ],
  [
    "fibre without a unit",
    { fc: { targetWWNs: ["w"], wwids: ["w"] } },
    [
      `${at}.fc.targetWWNs: Invalid value: ["w"]: targetWWNs and wwids can not be specified simultaneously`,
      `${at}.fc.lun: Required value: lun is required if targetWWNs is specified`,
    ],
  ],
  [
    "a registry without a port",
    { quobyte: { registry: "a", volume: "v" } },
    [`${at}.quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas`],
  ],
  [
    "a managed disk by address",
    { azureDisk: { diskName: "d", diskURI: "https://x", kind: "Managed" } },
    [
      `${at}.azureDisk.diskURI: Unsupported value: "https://x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"`,
    ],
  ],
  [
    "a driver with a long name",
    { csi: { driver: "d".repeat(64), nodePublishSecretRef: {} } },
    [
      `${at}.csi.driver: Too long: may not be more than 63 bytes`,
      `${at}.csi.nodePublishSecretRef.name: Required value`,
    ],
  ],
  [
    "a file of nothing",
    { downwardAPI: { items: [{ path: "a" }] } },
    [`${at}.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required`],
  ],
  [
    "a file of somebody's",
    { downwardAPI: { items: [{ path: "a", resourceFieldRef: { resource: "limits.cpu" } }] } },
    [`${at}.downwardAPI.resourceFieldRef.containerName: Required value`],
  ],
  ["no image", { image: {} }, [`${at}.image.reference: Required value`]],
  ["no claim", { ephemeral: {} }, [`${at}.ephemeral.volumeClaimTemplate: Required value`]],
  [
    "a claim with a name",
    {
      ephemeral: {
        volumeClaimTemplate: { metadata: { name: "x" }, spec: { resources: { requests: { storage: "0" } } } },
      },
    },
    [
      `${at}.ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set`,
      `${at}.ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required`,
      `${at}.ephemeral.volumeClaimTemplate.spec.resources[storage]: Invalid value: "0": must be greater than zero`,
    ],
  ],
])("a volume with %s", (_name, volume, expected) => {
  expect(findings(volume)).toEqual(expected);
});

describe("several", () => {
  test("have names of their own", () => {
    expect(findings({ name: "a", emptyDir: {} }, { name: "a", emptyDir: {} })).toEqual([
      'spec.volumes[1].name: Duplicate value: "a"',
    ]);
  });

  test("do not use what is made for one another", () => {
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    expect(
      findings(
        { name: "a", ephemeral: { volumeClaimTemplate: { spec } } },
        { name: "b", persistentVolumeClaim: { claimName: "web-a" } },
      ),
    ).toEqual([
      'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-a": must not reference a PVC that gets created for an ephemeral volume',
    ]);
  });
});

describe("projected", () => {
  const projected = (...sources: NonNullable<NonNullable<Volume["projected"]>["sources"]>): string[] =>
    findings({ projected: { sources } });

  test("takes many sources", () => {
    expect(
      projected(
        { secret: { name: "s", items: [{ key: "k", path: "a" }] } },
        { configMap: { name: "c" } },
        { downwardAPI: { items: [{ path: "b", fieldRef: { fieldPath: "metadata.name" } }] } },
        { serviceAccountToken: { path: "token", expirationSeconds: 600 } },
      ),
    ).toEqual([]);
  });

  test("takes none of two sorts, and no file twice", () => {
    expect(
      projected(
        { secret: { name: "s", items: [{ key: "k", path: "a" }] }, configMap: {} },
        { downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "metadata.name" } }] } },
        { serviceAccountToken: { path: "/token", expirationSeconds: 599 } },
      ),
    ).toEqual([
      `${at}.projected.sources[0].configMap.name: Required value`,
      `${at}.projected.sources[0]: Forbidden: may not specify more than 1 volume type per source`,
      `${at}.projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
      `${at}.projected.path: Invalid value: "/token": must be a relative path`,
      `${at}.projected: Invalid value: "a": conflicting duplicate paths`,
    ]);
  });

  test("gets no token without an account", () => {
    const pod: Pod = {
      metadata: { name: "web" },
      spec: {
        containers: [{ name: "app", image: "a" }],
        volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }],
      },
    };
    expect(findingsOf(pods, pod)).toEqual([
      `${at}.projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set`,
    ]);
  });
});

test("a template may leave out what its maker fills in", () => {
  const template = (volume: Partial<Volume>): object => ({
    metadata: { name: "t" },
    template: { spec: { containers: [{ name: "app", image: " " }], volumes: [{ name: "v", ...volume }] } },
  });
  expect(findingsOf(podTemplates, template({ image: {} }))).toEqual([]);
  expect(findingsOf(podTemplates, template({}))).toEqual([
    "template.spec.volumes[0]: Required value: must specify a volume type",
  ]);
});
