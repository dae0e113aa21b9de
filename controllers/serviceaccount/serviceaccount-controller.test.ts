import { describe, expect, it } from "vitest";
import { namespaces, serviceAccounts } from "../../client/resource-types.ts";
import { names, stage } from "../stage.testing.ts";
import { serviceAccountController } from "./serviceaccount-controller.ts";

describe("the default service account", () => {
  it("is in every active namespace, and comes back when it is deleted", async () => {
    await using play = await stage([serviceAccountController]);
    const { client } = play;
    const accounts = async (namespace: string) => names(await client.list(serviceAccounts, { namespace }));
    await client.create(namespaces, { metadata: { name: "new" } });
    await play.settled();
    expect(await accounts("new")).toEqual(["default"]);
    expect(await accounts("kube-system")).toContain("default");
    await client.delete(serviceAccounts, { namespace: "new", name: "default" });
    await play.settled();
    expect(await accounts("new")).toEqual(["default"]);
    await client.delete(namespaces, { name: "new" });
    await play.settled();
    await client.delete(serviceAccounts, { namespace: "new", name: "default" });
    await play.restart();
    expect(await accounts("new")).toEqual([]);
  });
});
