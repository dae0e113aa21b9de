import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TokenRequest } from "../api/generated/types/authentication-v1.ts";
import { call } from "../client/call.ts";
import { serviceAccounts } from "../client/resource-types.ts";
import { OptionError } from "./option-error.ts";
import { requireServiceAccountOptions, type ServiceAccountOptions } from "./service-account-keys.ts";
import { apiServerOnly, createCluster, type TestCluster } from "./testing.ts";

const namespace = "default";
const admin = { name: "ann", groups: ["system:masters"] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-tokens-"));
});
afterAll(() => rm(folder, { recursive: true }));

function start(serviceAccounts: ServiceAccountOptions, dataDir?: string): Promise<TestCluster> {
  return createCluster({ ...apiServerOnly, serviceAccounts, ...(dataDir === undefined ? {} : { dataDir }) });
}

async function tokenOf(cluster: TestCluster): Promise<string> {
  const url = `/api/v1/namespaces/${namespace}/serviceaccounts/robot/token`;
  const { status } = await call<TokenRequest>(cluster.as(admin), { method: "POST", url, body: { spec: {} } });
  return status?.token ?? "";
}

async function isKnown(cluster: TestCluster, token: string): Promise<boolean> {
  const url = "/apis/authentication.k8s.io/v1/tokenreviews";
  const { status } = await call<{ readonly status: { readonly authenticated?: boolean } }>(cluster.as(admin), {
    method: "POST",
    url,
    body: { spec: { token } },
  });
  return status.authenticated === true;
}

async function keyFile(name: string, type: "ec" | "rsa" = "ec"): Promise<{ key: string; pub: string }> {
  const { privateKey, publicKey } =
    type === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const files = { key: join(folder, `${name}.key`), pub: join(folder, `${name}.pub`) };
  await writeFile(files.key, privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(files.pub, publicKey.export({ type: "spki", format: "pem" }));
  return files;
}

describe("the keys of a cluster", () => {
  it("are kept with it, the public one for others", async () => {
    const dataDir = join(folder, "kept");
    let token: string;
    {
      await using cluster = await start({}, dataDir);
      await cluster.client.create(serviceAccounts, { metadata: { namespace, name: "robot" } });
      token = await tokenOf(cluster);
    }
    expect((await stat(join(dataDir, "pki/sa.key"))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dataDir, "pki/sa.pub"), "utf8")).toContain("BEGIN PUBLIC KEY");
    await using again = await start({}, dataDir);
    expect(await isKnown(again, token)).toBe(true);
  });

  it("are exchanged one after the other, and issuers alike", async () => {
    const dataDir = join(folder, "exchanged");
    const old = await keyFile("old");
    const fresh = await keyFile("fresh", "rsa");
    const tokens: string[] = [];
    const known = async (options: ServiceAccountOptions): Promise<boolean[]> => {
      await using cluster = await start(options, dataDir);
      if (tokens.length === 0) await cluster.client.create(serviceAccounts, { metadata: { namespace, name: "robot" } });
      tokens.push(await tokenOf(cluster));
      return Promise.all(tokens.map((token) => isKnown(cluster, token)));
    };
    const [former, now] = ["https://former.test", "https://now.test"];
    expect(await known({ signingKeyFile: old.key, issuers: [former] })).toEqual([true]);
    expect(await known({ signingKeyFile: fresh.key, keyFiles: [old.pub], issuers: [now, former] })).toEqual([
      true,
      true,
    ]);
    expect(await known({ signingKeyFile: fresh.key, issuers: [now, former] })).toEqual([false, true, true]);
    expect(await known({ signingKeyFile: fresh.key, keyFiles: [old.pub], issuers: [now] })).toEqual([
      // The issuer of the first is none any more; the audience of others is.
      false,
      true,
      true,
      true,
    ]);
  });

  it("are told by their file when they are none", async () => {
    const wrong = join(folder, "wrong.pem");
    await writeFile(wrong, "nothing");
    await expect(start({ signingKeyFile: wrong })).rejects.toThrow(
      `--service-account-signing-key-file ${wrong}: it holds no private key`,
    );
    await expect(start({ keyFiles: [join(folder, "none")] })).rejects.toThrow(
      `--service-account-key-file: ${join(folder, "none")} cannot be read (ENOENT)`,
    );
  });
});

describe("options that make no sense", () => {
  it.each<readonly [ServiceAccountOptions, string]>([
    [{ issuers: [""] }, '--service-account-issuer: "" is no URL'],
    [{ issuers: ["a:// b"] }, '--service-account-issuer: "a:// b" is no URL'],
    [{ issuers: ["a", "a"] }, "--service-account-issuer: a is there twice"],
    [{ issuers: [] }, "need a name each"],
    [{ apiAudiences: [] }, "need a name each"],
    [{ jwksUri: "http://x" }, '--service-account-jwks-uri: "http://x" is no https URL'],
    [{ maxTokenExpirationSeconds: 60 }, "must be between 1 hour and 2^32 seconds"],
    [{ maxTokenExpirationSeconds: 2 ** 33 }, "must be between 1 hour and 2^32 seconds"],
    [{ legacyTokenCleanUpMs: 0 }, "must be longer than 0"],
  ])("%j", (options, why) => {
    expect(() => requireServiceAccountOptions(options)).toThrow(OptionError);
    expect(() => requireServiceAccountOptions(options)).toThrow(why);
  });

  it("are few", () => {
    requireServiceAccountOptions({});
    requireServiceAccountOptions({ issuers: ["name", "https://x"], maxTokenExpirationSeconds: 0 });
  });
});
