import { describe, expect, it } from "vitest";
import { configMaps, namespaces } from "../../client/resource-types.ts";
import { stage, testConfig } from "../stage.testing.ts";
import { rootCaCertificatePublisherController } from "./root-ca-certificate-publisher-controller.ts";

const name = "kube-root-ca.crt";

describe("the root CA", () => {
  it("is in every namespace, and comes back true when somebody changes or deletes it", async () => {
    await using play = await stage([rootCaCertificatePublisherController]);
    const { client } = play;
    await client.create(namespaces, { metadata: { name: "new" } });
    await play.settled();
    for (const namespace of ["default", "kube-system", "new"]) {
      const { data, metadata } = await client.get(configMaps, { namespace, name });
      expect(data).toEqual({ "ca.crt": testConfig.rootCaPem });
      expect(metadata?.annotations?.["kubernetes.io/description"]).toContain("Contains a CA bundle that can be used");
    }
    await client.patch(configMaps, { namespace: "new", name }, { data: { "ca.crt": "false", more: "x" } });
    await client.delete(configMaps, { namespace: "default", name });
    await play.settled();
    expect((await client.get(configMaps, { namespace: "new", name })).data).toEqual({ "ca.crt": testConfig.rootCaPem });
    expect((await client.get(configMaps, { namespace: "default", name })).data).toEqual({
      "ca.crt": testConfig.rootCaPem,
    });
    const annotations = { "kubernetes.io/description": "my own" };
    await client.patch(configMaps, { namespace: "new", name }, { metadata: { annotations } });
    await play.restart();
    expect((await client.get(configMaps, { namespace: "new", name })).metadata?.annotations).toEqual(annotations);
  });
});
