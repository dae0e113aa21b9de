import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/machinery/status.ts";
import { alwaysAdmit, alwaysDeny } from "./always.ts";
import { namespaceAutoProvision } from "./namespace-auto-provision.ts";
import { namespaceExists } from "./namespace-exists.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { admissionRequest, holding, mutate, refusal } from "./objects.testing.ts";

const objects = holding({
  namespaces: [
    { metadata: { name: "ns" } },
    { metadata: { name: "going", deletionTimestamp: "2026-01-01T00:00:00Z" } },
  ],
});
const map = { metadata: { generateName: "map-" } };

describe("NamespaceLifecycle", () => {
  const lifecycle = namespaceLifecycle({ find: (name) => objects.find("namespaces", "", name) });

  it("admits what happens in a namespace that is there", async () => {
    expect(await refusal(lifecycle, admissionRequest("configmaps", { object: map }))).toBeUndefined();
    expect(await refusal(lifecycle, admissionRequest("nodes", { object: map }))).toBeUndefined();
  });

  it("refuses new content where there is no namespace, or one on its way out", async () => {
    expect(await refusal(lifecycle, admissionRequest("configmaps", { object: map, namespace: "none" }))).toBe(
      'namespaces "none" not found',
    );
    expect(await refusal(lifecycle, admissionRequest("configmaps", { object: map, namespace: "going" }))).toBe(
      'configmaps "map-" is forbidden: unable to create new content in namespace going because it is being terminated',
    );
    const update = admissionRequest("configmaps", { object: map, old: map, namespace: "going" });
    expect(await refusal(lifecycle, update)).toBeUndefined();
  });

  it("answers access reviews about namespaces that do not exist", async () => {
    const review = admissionRequest("localsubjectaccessreviews.authorization.k8s.io", {
      object: {},
      namespace: "none",
    });
    expect(await refusal(lifecycle, review)).toBeUndefined();
  });

  it("keeps the namespaces that a cluster cannot do without", async () => {
    const deletion = (name: string): Promise<string | undefined> =>
      refusal(lifecycle, admissionRequest("namespaces", { old: { metadata: { name } } }));
    expect(await deletion("kube-system")).toBe(
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    );
    expect(await deletion("ns")).toBeUndefined();
  });
});

describe("NamespaceExists", () => {
  it("refuses even deletions where there is no namespace", async () => {
    const exists = namespaceExists({ reader: objects });
    expect(await refusal(exists, admissionRequest("configmaps", { old: map, namespace: "none" }))).toBe(
      'namespaces "none" not found',
    );
    expect(await refusal(exists, admissionRequest("configmaps", { old: map }))).toBeUndefined();
    expect(await refusal(exists, admissionRequest("nodes", { old: map }))).toBeUndefined();
  });
});

describe("NamespaceAutoProvision", () => {
  const provisioned = async (given: object, fails?: ApiError): Promise<readonly string[]> => {
    const made: string[] = [];
    const plugin = namespaceAutoProvision({
      reader: objects,
      provision: async (name) => {
        made.push(name);
        if (fails !== undefined) throw fails;
      },
    });
    await mutate(plugin, admissionRequest("configmaps", { object: map, ...given }));
    return made;
  };

  it("makes the namespace that something is created in", async () => {
    expect(await provisioned({ namespace: "new" })).toEqual(["new"]);
    expect(await provisioned({})).toEqual([]);
    expect(await provisioned({ namespace: "new", dryRun: true })).toEqual([]);
    expect(await provisioned({ namespace: "new", old: map })).toEqual([]);
  });

  it("does not mind that another was faster, but any other failure", async () => {
    expect(await provisioned({ namespace: "new" }, new ApiError("AlreadyExists", "there"))).toEqual(["new"]);
    await expect(provisioned({ namespace: "new" }, new ApiError("Invalid", "no name"))).rejects.toThrow(
      'configmaps "map-" is forbidden: no name',
    );
  });
});

describe("AlwaysAdmit and AlwaysDeny", () => {
  it("do so", async () => {
    expect(await refusal(alwaysAdmit(), admissionRequest("configmaps", { object: map }))).toBeUndefined();
    expect(await refusal(alwaysDeny(), admissionRequest("configmaps", { object: map }))).toBe(
      'configmaps "map-" is forbidden: admission control is denying all modifications',
    );
  });
});
