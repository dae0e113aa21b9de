import { describe, expect, it } from "vitest";
import type { Secret } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { newSigningKey } from "../../auth/tokens/account-token-settings.testing.ts";
import { legacyIssuer } from "../../auth/tokens/token-signer.ts";
import { createTokenVerifier } from "../../auth/tokens/token-verifier.ts";
import { type Client } from "../../client/client.ts";
import { secrets, serviceAccounts } from "../../client/resource-types.ts";
import { names, stage, testConfig } from "../stage.testing.ts";
import { serviceAccountTokenController } from "./serviceaccount-token-controller.ts";

const namespace = "default";
const type = "kubernetes.io/service-account-token";

function asking(name: string, account: string, uid?: string): Secret {
  const annotations = {
    "kubernetes.io/service-account.name": account,
    ...(uid === undefined ? {} : { "kubernetes.io/service-account.uid": uid }),
  };
  return { metadata: { namespace, name, annotations }, type };
}

async function newAccount(client: Client, name: string): Promise<string> {
  return (await client.create(serviceAccounts, { metadata: { namespace, name } })).metadata?.uid ?? "";
}

function text({ data }: DeepReadonly<Secret>, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString();
}

describe("a secret that asks for a token", () => {
  it("gets one that says whose it is, with all that a pod needs beside it", async () => {
    const serviceAccountKey = newSigningKey();
    await using play = await stage([serviceAccountTokenController], { config: { serviceAccountKey } });
    const { client } = play;
    const uid = await newAccount(client, "robot");
    await client.create(secrets, asking("key", "robot"));
    await play.settled();
    const secret = await client.get(secrets, { namespace, name: "key" });
    expect(secret.metadata?.annotations).toEqual({
      "kubernetes.io/service-account.name": "robot",
      "kubernetes.io/service-account.uid": uid,
    });
    expect(text(secret, "ca.crt")).toBe(testConfig.rootCaPem);
    expect(text(secret, "namespace")).toBe(namespace);
    const verify = createTokenVerifier({ issuers: [legacyIssuer], keys: [serviceAccountKey.verification] });
    expect(await verify(text(secret, "token"))).toEqual({
      iss: "kubernetes/serviceaccount",
      sub: "system:serviceaccount:default:robot",
      "kubernetes.io/serviceaccount/namespace": "default",
      "kubernetes.io/serviceaccount/secret.name": "key",
      "kubernetes.io/serviceaccount/service-account.name": "robot",
      "kubernetes.io/serviceaccount/service-account.uid": uid,
    });
  });

  it("keeps its token, and is completed when somebody takes the rest", async () => {
    await using play = await stage([serviceAccountTokenController]);
    const { client } = play;
    await newAccount(client, "robot");
    await client.create(secrets, asking("key", "robot"));
    await play.settled();
    const before = await client.get(secrets, { namespace, name: "key" });
    await client.patch(secrets, { namespace, name: "key" }, { data: { "ca.crt": null, namespace: "", more: "eA==" } });
    await play.settled();
    const after = await client.get(secrets, { namespace, name: "key" });
    expect(after.data).toEqual({ ...before.data, more: "eA==" });
    await play.restart();
    expect((await client.get(secrets, { namespace, name: "key" })).metadata?.resourceVersion).toBe(
      after.metadata?.resourceVersion,
    );
  });

  it("goes with its account, or at once where there is none, or another one", async () => {
    await using play = await stage([serviceAccountTokenController]);
    const { client } = play;
    const uid = await newAccount(client, "robot");
    await newAccount(client, "other");
    await client.create(secrets, asking("nobody", "nobody"));
    await client.create(secrets, asking("former", "robot", "11111111-1111-1111-1111-111111111111"));
    await client.create(secrets, asking("good", "robot", uid));
    await client.create(secrets, asking("others", "other"));
    await client.create(secrets, { metadata: { namespace, name: "plain" } });
    const left = async (): Promise<string[]> => {
      await play.settled();
      return names(await client.list(secrets, { namespace }));
    };
    expect(await left()).toEqual(["good", "others", "plain"]);
    await client.delete(serviceAccounts, { namespace, name: "robot" });
    expect(await left()).toEqual(["others", "plain"]);
    await play.stop();
    await client.delete(serviceAccounts, { namespace, name: "other" });
    await play.restart();
    expect(await left()).toEqual(["plain"]);
  });

  it("is forgotten by its account when it is gone, other secrets are not", async () => {
    await using play = await stage([serviceAccountTokenController]);
    const { client } = play;
    await newAccount(client, "robot");
    await client.create(secrets, asking("key", "robot"));
    await client.patch(
      serviceAccounts,
      { namespace, name: "robot" },
      { secrets: [{ name: "key" }, { name: "not-yet" }] },
    );
    await client.create(secrets, { metadata: { namespace, name: "plain" } });
    await client.delete(secrets, { namespace, name: "plain" });
    await client.delete(secrets, { namespace, name: "key" });
    await play.settled();
    expect((await client.get(serviceAccounts, { namespace, name: "robot" })).secrets).toEqual([{ name: "not-yet" }]);
  });
});
