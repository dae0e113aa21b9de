import { describe, expect, it } from "vitest";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { VolumeAttachment } from "../../api/generated/types/storage-v1.ts";
import { volumeOf } from "../persistentvolume/objects.testing.ts";
import { attachmentName, reportedName, reportedNameOf } from "./csi-names.ts";
import { attachProblem, multiAttachMessage, planAttaching, planDetaching } from "./plan-attachments.ts";

const csi = { driver: "example.com", volumeHandle: "disk" };
const volume = (...accessModes: string[]) => volumeOf("a", { spec: { csi, accessModes } });
const reported = "kubernetes.io/csi/example.com^disk";
const attachment = (nodeName: string, status?: VolumeAttachment["status"]): VolumeAttachment => ({
  metadata: { name: attachmentName(reported, nodeName) },
  spec: { attacher: "example.com", source: { persistentVolumeName: "a" }, nodeName },
  ...(status === undefined ? {} : { status }),
});
const pod = (name: string, namespace = "default"): Pod => ({ metadata: { namespace, name } });

describe("the names of a CSI volume", () => {
  it("are those that external attachers compute", () => {
    expect(reportedName(volume())).toBe(reported);
    // sha256("disk" + "example.com" + "n1")
    expect(attachmentName(reported, "n1")).toBe("csi-04e84f6964fab1aa8670ade6f829d04eeb1efbd8d48e98400a30a043cac35aca");
  });

  it("are found on the node when the volume is gone", () => {
    const node: Node = {
      status: {
        volumesAttached: [{ name: "kubernetes.io/csi/example.com^other", devicePath: "" }],
        volumesInUse: [reported],
      },
    };
    expect(reportedNameOf(attachment("n1"), undefined, node)).toBe(reported);
    expect(reportedNameOf({ ...attachment("n1"), metadata: { name: "csi-x" } }, undefined, node)).toBeUndefined();
  });
});

describe("a volume that is wanted", () => {
  const wanted = new Map([
    ["n2", [pod("b")]],
    ["n1", [pod("a")]],
  ]);
  it.each<[string, string[], string[], string[], string[]]>([
    ["by one node at a time goes to the first", ["ReadWriteOnce"], [], ["n1"], ["n2"]],
    ["by one node at a time waits for the others", ["ReadWriteOnce"], ["n3"], [], ["n1", "n2"]],
    ["by one pod at a time, too", ["ReadWriteOncePod"], ["n1"], [], ["n2"]],
    ["by many goes to all", ["ReadWriteMany"], ["n1"], ["n2"], []],
    ["by many readers goes to all", ["ReadWriteOnce", "ReadOnlyMany"], [], ["n1", "n2"], []],
    ["in ways that nobody told goes to all", [], ["n1"], ["n2"], []],
  ])("%s", (_, modes, attached, attach, blocked) => {
    expect(
      planAttaching(
        volume(...modes),
        wanted,
        attached.map((node) => attachment(node)),
      ),
    ).toEqual({ attach, blocked });
  });

  it.each<[string, Pod[], string]>([
    ["nobody", [], "exclusively attached to one node and can't be attached to another"],
    ["pods nearby", [pod("a"), pod("b")], "used by pod(s) a, b"],
    ["pods elsewhere", [pod("a", "x")], "used by 1 pod(s) in different namespaces"],
    ["both", [pod("a"), pod("b", "x")], "used by pod(s) a and 1 pod(s) in different namespaces"],
  ])("tells those who wait when it is used by %s", (_, others, expected) => {
    expect(multiAttachMessage("a", pod("w"), others)).toBe(
      `Multi-Attach error for volume "a" Volume is already ${expected}`,
    );
  });

  it("is late, or refused", () => {
    const one = attachment("n1", { attached: false });
    expect(attachProblem(one, volume(), 119_999)).toBeUndefined();
    expect(attachProblem(one, volume(), 120_000)).toBe(
      "timed out waiting for external-attacher of example.com CSI driver to attach volume disk",
    );
    expect(attachProblem(attachment("n1", { attached: false, attachError: { message: "no" } }), volume(), 0)).toBe(
      "no",
    );
    expect(attachProblem(attachment("n1", { attached: true }), volume(), 999_999)).toBeUndefined();
  });
});

describe("a volume that nobody wants any more", () => {
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  const node = (more: Node["status"], taints: string[] = []): Node => ({
    spec: { taints: taints.map((key) => ({ key, effect: "NoExecute" })) },
    status: { ...ready, ...more },
  });
  const silent = { volumesInUse: [reported], conditions: [{ type: "Ready", status: "Unknown" }] };
  it.each<[string, Node | undefined, number, unknown]>([
    ["goes when its node is gone", undefined, 0, "now"],
    ["goes when its node does not use it", node({}), 0, "now"],
    ["stays as long as its node uses it", node({ volumesInUse: [reported] }), 9e9, "when unmounted"],
    ["stays for six minutes on a node that is silent", node(silent), 60_000, { after: 300_000 }],
    ["is taken from a node that is silent for longer", node(silent), 360_000, "now"],
    [
      "is taken at once from a node that is out of service",
      node(silent, ["node.kubernetes.io/out-of-service"]),
      0,
      "now",
    ],
  ])("%s", (_, on, unwantedForMs, expected) => {
    expect(planDetaching(attachment("n1"), volume(), { node: on, unwantedForMs })).toEqual(expected);
  });
});
