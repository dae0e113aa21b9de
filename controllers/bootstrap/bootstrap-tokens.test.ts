import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterInfo } from "../../api/core/cluster-info.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { configMaps, secrets } from "../../client/resource-types.ts";
import { detachedSignature } from "../../client/bootstrap/detached-signature.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { bootstrapSignerController } from "./bootstrap-signer-controller.ts";
import { signedData } from "./signed-cluster-info.ts";
import { tokenCleanerController } from "./token-cleaner-controller.ts";

const { namespace, name } = clusterInfo;
const secret = "0123456789abcdef";

describe("bootstrap tokens", () => {
  let play: Stage;
  beforeAll(async () => {
    play = await stage([bootstrapSignerController, tokenCleanerController]);
  });
  afterAll(() => play[Symbol.asyncDispose]());

  async function make(id: string, texts: Readonly<Record<string, string>> = {}): Promise<void> {
    const stringData = { "token-id": id, "token-secret": secret, "usage-bootstrap-signing": "true", ...texts };
    await play.client.create(secrets, {
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData,
    });
    await play.settled();
  }
  const data = async (): Promise<Readonly<Record<string, string>>> =>
    (await play.client.get(configMaps, { namespace, name })).data ?? {};
  const signers = async (): Promise<readonly string[]> =>
    Object.keys(await data())
      .filter((key) => key.startsWith("jws-"))
      .map((key) => key.replace("jws-kubeconfig-", ""))
      .toSorted();
  const tokens = async (): Promise<readonly string[]> =>
    (await play.client.list(secrets, { namespace: "kube-system", fieldSelector: "type=bootstrap.kubernetes.io/token" }))
      .map(({ metadata }) => (metadata?.name ?? "").replace("bootstrap-token-", ""))
      .toSorted();

  it("sign what machines that join are told", async () => {
    await make("aaaaaa");
    await make("bbbbbb", { "usage-bootstrap-signing": "false" });
    await make("cccccc", { "token-id": "dddddd" });
    expect(await signers()).toEqual(["aaaaaa"]);
    const { kubeconfig = "", "jws-kubeconfig-aaaaaa": signature } = await data();
    expect(kubeconfig).toContain("certificate-authority-data");
    expect(signature).toBe(detachedSignature(kubeconfig, { id: "aaaaaa", secret }));
  });

  it("sign anew what changes, and take back what is false", async () => {
    await play.client.patch(
      configMaps,
      { namespace, name },
      { data: { kubeconfig: "other", "jws-kubeconfig-aaaaaa": "x", "jws-kubeconfig-zzzzzz": "y", note: "kept" } },
    );
    await play.settled();
    expect(await data()).toEqual({
      kubeconfig: "other",
      note: "kept",
      "jws-kubeconfig-aaaaaa": detachedSignature("other", { id: "aaaaaa", secret }),
    });
  });

  it("end when their time has come, and their signature with them", async () => {
    await make("eeeeee", { expiration: formatTime(play.clock.now() + 60_000) });
    await make("ffffff", { expiration: "never" });
    expect(await signers()).toEqual(["aaaaaa", "eeeeee"]);
    expect(await tokens()).toEqual(["aaaaaa", "bbbbbb", "cccccc", "eeeeee"]);
    await play.clock.advance(59_000);
    expect(await signers()).toEqual(["aaaaaa", "eeeeee"]);
    await play.clock.advance(1_000);
    expect(await signers()).toEqual(["aaaaaa"]);
    expect(await tokens()).toEqual(["aaaaaa", "bbbbbb", "cccccc"]);
  });

  it("leave other secrets alone", async () => {
    await play.client.create(secrets, {
      metadata: { name: "bootstrap-token-gggggg", namespace: "default" },
      type: "bootstrap.kubernetes.io/token",
      stringData: { expiration: "2020-01-01T00:00:00Z" },
    });
    await play.clock.advance(60_000);
    expect(await play.client.get(secrets, { namespace: "default", name: "bootstrap-token-gggggg" })).toBeDefined();
  });
});

describe("signatures", () => {
  it.each([
    ["Hello from the other side. I must have called a thousand times.", "VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8"],
    ["", "7Ui1ALizW4jXphVUB7xUqC9vLYLL9RZeOFfVLoB7Tgk"],
  ])("of %j are the ones that kubeadm makes", (content, signature) => {
    expect(detachedSignature(content, { id: "joshua", secret: "my voice is my passcode" })).toBe(
      `eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..${signature}`,
    );
  });

  it("need something to sign", () => {
    const nothing = { note: "x", "jws-kubeconfig-aaaaaa": "y" };
    expect(signedData(nothing, [{ id: "aaaaaa", secret }])).toBe(nothing);
  });
});
