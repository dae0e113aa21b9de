import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseJoinToken } from "../client/bootstrap/join-token.ts";
import { secrets } from "../client/resource-types.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../cluster/testing.ts";
import { paintFor } from "./paint.ts";
import { runProgram } from "./program.ts";

describe("wherry token", () => {
  let cluster: TestCluster;
  let folder = "";
  beforeAll(async () => {
    cluster = await createCluster(apiServerOnly);
    folder = await mkdtemp(join(tmpdir(), "wherry-token-"));
    await writeFile(join(folder, "kubeconfig"), cluster.kubeconfig);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function run(...words: readonly string[]): Promise<string> {
    let text = "";
    const out = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const terminal = { out, err: out, paint: paintFor(false, {}) };
    await runProgram(["token", ...words, "--kubeconfig", join(folder, "kubeconfig")], terminal);
    return text;
  }
  const stored = async (id: string): Promise<Readonly<Record<string, string>>> => {
    const { data = {} } = await cluster.client.get(secrets, {
      namespace: "kube-system",
      name: `bootstrap-token-${id}`,
    });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  };

  it("makes a token that is good for a day, for machines to join by", async () => {
    const { token } = parseJoinToken((await run("create", "--description", "the cellar")).trim());
    const { expiration = "", ...texts } = await stored(token.id);
    expect(texts).toEqual({
      "token-id": token.id,
      "token-secret": token.secret,
      "usage-bootstrap-authentication": "true",
      "usage-bootstrap-signing": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
      description: "the cellar",
    });
    expect((Date.parse(expiration) - cluster.now()) / 3_600_000).toBeCloseTo(24, 1);
    const rows = (await run("list")).trimEnd().split("\n");
    expect(rows[0]).toMatch(/^ID {7}TTL {2,}EXPIRES {2,}USAGES {2,}DESCRIPTION {2,}EXTRA GROUPS$/);
    expect(rows[1]).toMatch(
      new RegExp(`^${token.id} {3}23h +${expiration} +authentication,signing +the cellar +system:`),
    );
    expect(rows.join("")).not.toContain(token.secret);
  });

  it("makes tokens that do not end, for other groups", async () => {
    const made = await run("create", "--ttl", "0", "--groups", "system:bootstrappers:a");
    const { id = "" } = /^(?<id>\w{6})\.\w{16}\.[\w-]{43}\n$/.exec(made)?.groups ?? {};
    expect(await stored(id)).toMatchObject({ "auth-extra-groups": "system:bootstrappers:a" });
    expect(await stored(id)).not.toHaveProperty("expiration");
    expect(await run("list")).toMatch(new RegExp(`^${id} +<forever> +<never>`, "m"));
  });

  it("deletes tokens by their id, or the whole of them", async () => {
    const first = (await run("create")).trim();
    const second = (await run("create")).trim().slice(0, 6);
    expect(await run("delete", first, second)).toBe(
      `bootstrap token "${first.slice(0, 6)}" deleted\nbootstrap token "${second}" deleted\n`,
    );
    await expect(run("delete", second)).rejects.toThrow(`secrets "bootstrap-token-${second}" not found`);
  });

  it("says what is wrong with what was typed, and repeats no secret", async () => {
    await expect(run("delete", "ABCDEF0123456789")).rejects.toThrow(/^a token is named by its id/);
    await expect(run("create", "--groups", "system:masters")).rejects.toThrow(
      '"system:masters" is none that a token may give',
    );
    await expect(run("create", "--ttl", "soon")).rejects.toThrow("it must be a duration");
  });
});
