import { describe, expect, it } from "vitest";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import { inPhase, nextBindingWrite, partedVolume, withStatus } from "./binding.ts";
import type { Claim, Volume } from "./claim-and-volume.ts";
import { defaultClass } from "./default-class.ts";
import { matchVolume } from "./match-volume.ts";
import { claimOf, type ClaimTraits, volumeOf, type VolumeTraits } from "./objects.testing.ts";
import { type ClaimPlan, planClaim } from "./plan-claim.ts";
import { planVolume } from "./plan-volume.ts";
import { reclaim } from "./reclaim.ts";

const classes: StorageClass[] = [
  { metadata: { name: "gold" }, provisioner: "example.com/gold", volumeBindingMode: "Immediate" },
  { metadata: { name: "wait" }, provisioner: "example.com/wait", volumeBindingMode: "WaitForFirstConsumer" },
  { metadata: { name: "static" }, provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "Immediate" },
  { metadata: { name: "ebs" }, provisioner: "kubernetes.io/aws-ebs", volumeBindingMode: "Immediate" },
  { metadata: { name: "nfs" }, provisioner: "kubernetes.io/nfs", volumeBindingMode: "Immediate" },
  { metadata: { name: "host" }, provisioner: "kubernetes.io/host-path", volumeBindingMode: "Immediate" },
];

interface World {
  readonly volumes?: readonly Volume[];
  readonly pods?: readonly string[];
  readonly defaultClass?: string;
}

function planFor(traits: ClaimTraits, { volumes = [], pods = [], defaultClass: byDefault }: World = {}): ClaimPlan {
  const claim: Claim = claimOf(traits);
  return planClaim(claim, {
    volume: (name) => volumes.find(({ metadata }) => metadata?.name === name),
    match: (delayed) => matchVolume(claim, volumes, { delayed }),
    storageClass: (name) => classes.find(({ metadata }) => metadata?.name === name),
    defaultClass: () => byDefault,
    waitingPods: () => pods,
  });
}

const shown = (plan: ClaimPlan): string => {
  if (plan.do === "bind") return `bind ${plan.volume.metadata?.name}`;
  if (plan.do === "assign class") return `assign ${plan.className}`;
  const { event } = plan;
  return event === undefined ? plan.do : `${plan.do}: ${event.type} ${event.reason} ${event.message}`;
};

const noVolume =
  "wait: Normal FailedBinding no persistent volumes available for this claim and no storage class is set";
const taken = 'Warning FailedBinding volume "a" already bound to a different claim.';
const waiting = "wait: Normal WaitForFirstConsumer waiting for first consumer to be created before binding";
const asked = (provisioner: string): string =>
  `ask: Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
  "or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
const unequal = (why: string): string => `wait: Warning VolumeMismatch Cannot bind to requested volume "a": ${why}`;

// After the cases of upstream's binder_test.go, index_test.go and provision_test.go.
describe("an unbound claim", () => {
  const block = { volumeMode: "Block" };
  it.each<[string, ClaimTraits, VolumeTraits[], string]>([
    ["gets a volume that fits", {}, [{}], "bind a"],
    ["waits for one that is large enough", { size: "10Gi" }, [{}], noVolume],
    ["gets the smallest", { size: "2Gi" }, [{ size: "10Gi" }, { size: "1Gi" }, { size: "5Gi" }], "bind c"],
    ["gets the one that is reserved for it by name", {}, [{ size: "1Gi" }, { size: "9Gi", claim: "data" }], "bind b"],
    [
      "gets the one that is reserved for it by uid",
      {},
      [{}, { claim: "data", uid: "uid-data", phase: "Bound" }],
      "bind b",
    ],
    ["gets none that is reserved for another of its name", {}, [{ claim: "data", uid: "other" }], noVolume],
    ["gets none that is reserved for another", {}, [{ claim: "other" }], noVolume],
    ["gets none that is not available", {}, [{ phase: "Pending" }], noVolume],
    ["gets the one reserved for it, available or not", {}, [{ phase: "Pending", claim: "data" }], "bind a"],
    ["gets none that is reserved for it and too small", { size: "5Gi" }, [{ claim: "data" }], noVolume],
    [
      "gets one with its labels",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      [{}, { labels: { a: "1" } }],
      "bind b",
    ],
    ["gets none without its labels", { spec: { selector: { matchLabels: { a: "1" } } } }, [{}], noVolume],
    [
      "gets none for a selector that is none",
      { spec: { selector: { matchExpressions: [{ key: "", operator: "?" }] } } },
      [{}],
      noVolume,
    ],
    ["gets one of its class", { className: "gold" }, [{}, { className: "gold" }], "bind b"],
    ["gets none with a class where it wants none", { className: "" }, [{ className: "gold" }], noVolume],
    ["gets one without class where it names none", {}, [{ className: "gold" }, {}], "bind b"],
    ["gets one for blocks", { spec: block }, [{}, { spec: block }], "bind b"],
    ["gets none for files when it wants blocks", { spec: block }, [{}], noVolume],
    ["gets none for blocks when it wants files", {}, [{ spec: block }], noVolume],
    ["gets none for blocks that is reserved for it", {}, [{ spec: block, claim: "data" }], noVolume],
    [
      "gets one with its modes",
      { spec: { accessModes: ["ReadWriteMany"] } },
      [{}, { spec: { accessModes: ["ReadWriteMany"] } }],
      "bind b",
    ],
    [
      "gets the one with the fewest modes",
      {},
      [{}, { size: "9Gi", spec: { accessModes: ["ReadWriteOnce"] } }],
      "bind b",
    ],
    [
      "gets one of its attributes class",
      { spec: { volumeAttributesClassName: "fast" } },
      [{}, { spec: { volumeAttributesClassName: "fast" } }],
      "bind b",
    ],
    ["leaves the choice to the scheduler", { className: "wait" }, [{ className: "wait" }], waiting],
    [
      "gets what the scheduler has reserved",
      { className: "wait" },
      [{}, { className: "wait", claim: "data", uid: "uid-data" }],
      "bind b",
    ],
    ["waits for the volume that it names", { volumeName: "a" }, [], "wait"],
    ["gets the volume that it names", { volumeName: "a" }, [{}], "bind a"],
    ["gets the volume that it names, which knows it by name", { volumeName: "a" }, [{ claim: "data" }], "bind a"],
    [
      "gets the volume that it names, which knows it by uid",
      { volumeName: "a" },
      [{ claim: "data", uid: "uid-data" }],
      "bind a",
    ],
    [
      "gets the volume that it names, whatever its labels",
      { volumeName: "a", spec: { selector: { matchLabels: { a: "1" } } } },
      [{}],
      "bind a",
    ],
    [
      "waits for the volume that it names to be free",
      { volumeName: "a" },
      [{ claim: "other", uid: "x" }],
      `wait: ${taken}`,
    ],
    [
      "is left alone where somebody took the mark of its binding",
      { volumeName: "a", byController: true },
      [{ claim: "other", uid: "x" }],
      `tell: ${taken}`,
    ],
    [
      "is too large for the volume that it names",
      { volumeName: "a", size: "5Gi" },
      [{}],
      unequal("requested PV is too small"),
    ],
    [
      "is of another class than the volume that it names",
      { volumeName: "a", className: "gold" },
      [{}],
      unequal("storageClassName does not match"),
    ],
    [
      "is of another mode than the volume that it names",
      { volumeName: "a" },
      [{ spec: block }],
      unequal("incompatible volumeMode"),
    ],
    [
      "wants other modes than the volume that it names",
      { volumeName: "a", spec: { accessModes: ["ReadWriteMany"] } },
      [{}],
      unequal("incompatible accessMode"),
    ],
    [
      "wants other attributes than the volume that it names",
      { volumeName: "a", spec: { volumeAttributesClassName: "fast" } },
      [{}],
      unequal("volumeAttributesClassName does not match"),
    ],
    ["asks its provisioner", { className: "gold" }, [], asked("example.com/gold")],
    ["asks the driver that its plugin has become", { className: "ebs" }, [], asked("ebs.csi.aws.com")],
    [
      "asks when the scheduler has chosen a node",
      { className: "wait", annotations: { "volume.kubernetes.io/selected-node": "n" } },
      [],
      asked("example.com/wait"),
    ],
    [
      "cannot ask nobody",
      { className: "static" },
      [],
      "tell: Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner",
    ],
    [
      "cannot ask who only mounts",
      { className: "nfs" },
      [],
      "tell: Warning ProvisioningFailed no provisionable volume plugin matched",
    ],
    [
      "cannot ask for folders of the host",
      { className: "host" },
      [],
      'tell: Warning ProvisioningFailed Failed to create provisioner: provisioning in volume plugin "kubernetes.io/host-path" is disabled',
    ],
    [
      "cannot ask a class that is not there",
      { className: "lead" },
      [],
      'tell: Warning ProvisioningFailed storageclass.storage.k8s.io "lead" not found',
    ],
  ])("%s", (_, claim, volumes, expected) => {
    const named = volumes.map((traits, at) => volumeOf(String.fromCodePoint(97 + at), traits));
    expect(shown(planFor(claim, { volumes: named }))).toBe(expected);
  });

  it("says which pods have to be scheduled first", () => {
    const className = "wait";
    expect(shown(planFor({ className }, { pods: ["web-0"] }))).toBe(
      "wait: Normal WaitForPodScheduled waiting for pod web-0 to be scheduled",
    );
    expect(shown(planFor({ className }, { pods: ["web-0", "web-1"] }))).toBe(
      "wait: Normal WaitForPodScheduled waiting for pods web-0,web-1 to be scheduled",
    );
  });

  it("that says nothing of classes gets the default when there is one, and that wants none does not", () => {
    expect(shown(planFor({}, { defaultClass: "gold" }))).toBe("assign gold");
    expect(shown(planFor({ className: "" }, { defaultClass: "gold" }))).toBe(noVolume);
    expect(shown(planFor({}, { defaultClass: "gold", volumes: [volumeOf("a")] }))).toBe("bind a");
  });
});

describe("a claim that was bound", () => {
  it.each<[string, ClaimTraits, VolumeTraits[], string]>([
    [
      "is lost without the name of its volume",
      {},
      [],
      "lose: Warning ClaimLost Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
    ],
    [
      "is lost without its volume",
      { volumeName: "a" },
      [],
      "lose: Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    ],
    ["is bound again to a volume that has forgotten it", { volumeName: "a" }, [{}], "bind a"],
    ["stays bound", { volumeName: "a" }, [{ claim: "data", uid: "uid-data" }], "bind a"],
    [
      "is lost where the volume is another's",
      { volumeName: "a" },
      [{ claim: "data", uid: "x" }],
      "lose: Warning ClaimMisbound Two claims are bound to the same volume, this one is bound incorrectly",
    ],
    [
      "is lost where the volume knows a name only",
      { volumeName: "a" },
      [{ claim: "data" }],
      "lose: Warning ClaimMisbound Two claims are bound to the same volume, this one is bound incorrectly",
    ],
  ])("%s", (_, claim, volumes, expected) => {
    const named = volumes.map((traits, at) => volumeOf(String.fromCodePoint(97 + at), traits));
    expect(shown(planFor({ completed: true, ...claim }, { volumes: named }))).toBe(expected);
  });
});

describe("a volume", () => {
  const provisioned = { "pv.kubernetes.io/provisioned-by": "example.com/gold" };
  const bound = { claim: "data", uid: "uid-data" };
  it.each<[string, VolumeTraits, ClaimTraits | undefined, object]>([
    ["that is free is available", { phase: "Pending" }, undefined, { do: "be", phase: "Available" }],
    ["that is reserved by name is available", { claim: "data" }, {}, { do: "be", phase: "Available" }],
    ["is released without its claim", bound, undefined, { do: "release" }],
    ["is released when another claim has the name", bound, { uid: "x" }, { do: "release" }],
    ["waits for its claim", bound, {}, { do: "wake claim" }],
    ["is bound to its claim", bound, { volumeName: "a" }, { do: "be", phase: "Bound" }],
    ["is parted from a claim that is bound elsewhere", bound, { volumeName: "b" }, { do: "part" }],
    [
      "that was made for a claim that is bound elsewhere is released",
      { ...bound, policy: "Delete", annotations: provisioned },
      { volumeName: "b" },
      { do: "release" },
    ],
    [
      "that was made for a claim that is bound elsewhere, and is to be kept, is parted",
      { ...bound, annotations: provisioned },
      { volumeName: "b" },
      { do: "part" },
    ],
  ])("%s", (_, volume, claim, expected) => {
    expect(planVolume(volumeOf("a", volume), claim === undefined ? undefined : claimOf(claim))).toEqual(expected);
  });

  it("says why it does not come together with a claim of another mode", () => {
    const volume = volumeOf("a", { ...bound, spec: { volumeMode: "Block" } });
    expect(planVolume(volume, claimOf())).toMatchObject({
      volume: {
        message:
          'Cannot bind PersistentVolume to requested PersistentVolumeClaim "data" due to incompatible volumeMode.',
      },
      claim: {
        message: 'Cannot bind PersistentVolume "a" to requested PersistentVolumeClaim due to incompatible volumeMode.',
      },
    });
  });

  it("forgets a claim, but not whom a user has reserved it for", () => {
    expect(partedVolume(volumeOf("a", { ...bound, byController: true })).spec?.claimRef).toBeUndefined();
    expect(partedVolume(volumeOf("a", bound)).spec?.claimRef).toMatchObject({ name: "data" });
    expect(partedVolume(volumeOf("a", bound)).spec?.claimRef?.uid).toBeUndefined();
  });

  it.each<[string, VolumeTraits, object]>([
    ["stays", {}, { do: "nothing" }],
    [
      "is not scrubbed",
      { policy: "Recycle" },
      { reason: "VolumeFailedRecycle", message: "No recycler plugin found for the volume!" },
    ],
    [
      "of an unknown policy fails",
      { policy: "Burn" },
      { reason: "VolumeUnknownReclaimPolicy", message: "Volume has unrecognized PersistentVolumeReclaimPolicy" },
    ],
    ["is left to its provisioner", { policy: "Delete", annotations: provisioned }, { do: "nothing" }],
    [
      "is left to its driver",
      { policy: "Delete", spec: { csi: { driver: "d", volumeHandle: "h" } } },
      { do: "nothing" },
    ],
    ["below /tmp goes", { policy: "Delete", spec: { hostPath: { path: "/tmp/x" } } }, { do: "delete" }],
    [
      "elsewhere on the host fails",
      { policy: "Delete" },
      { reason: "VolumeFailedDelete", message: "host_path deleter only supports /tmp/.+ but received provided /data" },
    ],
  ])("that is released %s", (_, traits, expected) => {
    expect(reclaim(volumeOf("a", traits))).toMatchObject(expected);
  });

  it("of a kind that nobody deletes fails", () => {
    const { hostPath: _, ...spec } = volumeOf("a").spec ?? {};
    const volume = {
      ...volumeOf("a"),
      spec: { ...spec, nfs: { server: "s", path: "/" }, persistentVolumeReclaimPolicy: "Delete" },
    };
    expect(reclaim(volume)).toMatchObject({
      message: 'error getting deleter volume plugin for volume "a": no deletable volume plugin matched',
    });
  });
});

describe("the writes of a binding", () => {
  const writesOf = (volume: Volume, claim: Claim): string[] => {
    const writes: string[] = [];
    let [ofVolume, ofClaim] = [volume, claim];
    for (
      let write = nextBindingWrite(volume, claim);
      write !== undefined;
      write = nextBindingWrite(ofVolume, ofClaim)
    ) {
      writes.push(`${"volume" in write ? "volume" : "claim"} ${write.subresource ?? "spec"}`);
      if ("volume" in write) ofVolume = write.volume;
      else ofClaim = write.claim;
    }
    return writes;
  };

  it("are four, the volume's first, and none where all is done", () => {
    expect(writesOf(volumeOf("a"), claimOf())).toEqual(["volume spec", "volume status", "claim spec", "claim status"]);
    const volume = volumeOf("a", { claim: "data", uid: "uid-data", phase: "Bound" });
    expect(writesOf(volume, claimOf({ volumeName: "a", completed: true }))).toEqual(["claim status"]);
    expect(writesOf(volume, withStatus(claimOf({ volumeName: "a", completed: true }), "Bound", volume))).toEqual([]);
  });

  it("say who wished for it", () => {
    const byController = { metadata: { annotations: { "pv.kubernetes.io/bound-by-controller": "yes" } } };
    expect(nextBindingWrite(volumeOf("a"), claimOf())).toMatchObject({ volume: byController });
    const reserved = nextBindingWrite(volumeOf("a", { claim: "data" }), claimOf());
    expect(reserved).toMatchObject({ volume: { spec: { claimRef: { uid: "uid-data" } } } });
    expect(reserved).not.toMatchObject({ volume: byController });
    const bound = inPhase(volumeOf("a", { claim: "data", uid: "uid-data" }), "Bound");
    expect(nextBindingWrite(bound, claimOf())).toMatchObject({ claim: byController });
    expect(nextBindingWrite(bound, claimOf({ volumeName: "a" }))).not.toMatchObject({ claim: byController });
  });

  it("leave alone what a claim holds once it is bound, and give it what it held before its volume grew", () => {
    const volume = volumeOf("a", { size: "5Gi" });
    const bound: Claim = { ...claimOf({ volumeName: "a" }), status: { phase: "Bound", capacity: { storage: "1Gi" } } };
    expect(withStatus(bound, "Bound", volume).status?.capacity).toEqual({ storage: "1Gi" });
    const growing = volumeOf("a", {
      size: "5Gi",
      annotations: { "volume.alpha.kubernetes.io/pre-resize-capacity": "2Gi" },
    });
    expect(withStatus(claimOf(), "Bound", growing).status?.capacity).toEqual({ storage: "2Gi" });
    expect(withStatus(bound, "Lost").status).toEqual({ phase: "Lost" });
  });
});

it("the default class is the newest that is marked, and then the first by name", () => {
  const marked = (
    name: string,
    creationTimestamp: string,
    mark = "storageclass.kubernetes.io/is-default-class",
  ): StorageClass => ({
    metadata: { name, creationTimestamp, annotations: { [mark]: "true" } },
    provisioner: "p",
  });
  expect(defaultClass(classes)).toBeUndefined();
  const [old, young] = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"];
  const beta = "storageclass.beta.kubernetes.io/is-default-class";
  expect(defaultClass([marked("c", old), marked("b", young, beta), marked("a", young), ...classes])).toBe("a");
});
