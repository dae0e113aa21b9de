import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Kubeconfig, kubeconfigOf, userKubeconfigFile } from "./kubeconfig.ts";
import { kubeconfigText, mergeKubeconfig } from "./merge-kubeconfig.ts";
import { writeKubeconfig } from "./write-kubeconfig.ts";

const ours = (server = "https://127.0.0.1:6443", name?: string): Kubeconfig =>
  kubeconfigOf({
    server,
    caPem: "CA",
    client: { certPem: "CERT", keyPem: "KEY" },
    ...(name === undefined ? {} : { name }),
  });

const theirs = `# my clusters
apiVersion: v1
kind: Config
preferences: {}
clusters:
- cluster:
    server: https://work:6443   # the big one
    certificate-authority-data: ${"QUJD".repeat(100)}
  name: work
contexts:
- context: {cluster: work, user: me, namespace: team}
  name: work
current-context: work
users:
# never commit this
- name: me
  user:
    exec:
      command: login
      args: ["--at", 'work', on]
x-unknown: [1, 2]
`;

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "wherry-kubeconfig-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe("a kubeconfig of ours", () => {
  it("embeds everything under one name", () => {
    expect(parse(kubeconfigText(ours()))).toEqual({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "wherry", cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "Q0E=" } },
      ],
      users: [{ name: "wherry", user: { "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" } }],
      contexts: [{ name: "wherry", context: { cluster: "wherry", user: "wherry" } }],
      "current-context": "wherry",
    });
  });

  it("quotes names that kubectl's YAML would take for something else", () => {
    for (const name of ["on", "012", "1e3", "null", "a: b"]) {
      expect(parse(kubeconfigText(ours("https://x", name)), { version: "1.1" })["current-context"]).toBe(name);
    }
  });
});

describe("merging", () => {
  it("adds our entries and leaves each line of the others as it was", () => {
    const merged = mergeKubeconfig(theirs, ours());
    expect(parse(merged)["current-context"]).toBe("wherry");
    const lines = merged.split("\n");
    const kept = theirs.split("\n").filter((line) => line !== "current-context: work");
    let at = 0;
    for (const line of kept) {
      const found = lines.findIndex((candidate, index) => index >= at && normal(candidate) === normal(line));
      expect(found, line).toBeGreaterThanOrEqual(at);
      at = found + 1;
    }
    expect(parse(merged).clusters).toHaveLength(2);
  });

  it("of the same again changes nothing", () => {
    const merged = mergeKubeconfig(theirs, ours());
    expect(mergeKubeconfig(merged, ours())).toBe(merged);
  });

  it("replaces an earlier entry of ours, but keeps the namespace that the user chose", () => {
    const old = parse(mergeKubeconfig(theirs, ours("https://127.0.0.1:1")));
    old.clusters[1].cluster["proxy-url"] = "http://gone";
    old.contexts[1].context.namespace = "chosen";
    const merged = parse(mergeKubeconfig(JSON.stringify(old), ours()));
    expect(merged.clusters[1].cluster).toEqual(ours().clusters[0]?.cluster);
    expect(merged.contexts[1].context).toEqual({ cluster: "wherry", user: "wherry", namespace: "chosen" });
    expect(merged.contexts).toHaveLength(2);
  });

  it("fills files that are empty or have empty lists", () => {
    for (const text of ["", "# nothing yet\n", "apiVersion: v1\nclusters: []\ncontexts: null\nusers:\n"]) {
      expect(parse(mergeKubeconfig(text, ours()))).toMatchObject({ kind: "Config", "current-context": "wherry" });
    }
  });

  it("refuses what is not a kubeconfig", () => {
    expect(() => mergeKubeconfig("clusters: [", ours())).toThrow("not valid YAML");
    expect(() => mergeKubeconfig("a: 1\n---\nb: 2\n", ours())).toThrow("not valid YAML");
    expect(() => mergeKubeconfig("just text", ours())).toThrow("does not hold a kubeconfig");
    expect(() => mergeKubeconfig("clusters: {a: 1}\n", ours())).toThrow('"clusters" is not a list');
  });

  it("refuses to break entries that refer to one of ours", () => {
    const text =
      "clusters:\n- name: wherry\n  cluster: &shared {server: https://x}\n- name: other\n  cluster: *shared\n";
    expect(() => mergeKubeconfig(text, ours())).toThrow();
  });
});

/** Spacing inside a flow collection and before a comment may change; nothing else may. */
const normal = (line: string): string => line.replace(/\s*([{}[\]])\s*/g, "$1").replace(/\s+#/, " #");

describe("writing", () => {
  it("makes a file that only its owner reads, and its folder", async () => {
    await using at = await folder();
    const file = join(at.path, ".kube", "config");
    expect(await writeKubeconfig(file, ours())).toEqual({ file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(parse(await readFile(file, "utf8"))["current-context"]).toBe("wherry");
  });

  it("keeps a backup of what it changes, and none when nothing changes", async () => {
    await using at = await folder();
    const file = join(at.path, "config");
    await writeFile(file, theirs, { mode: 0o644 });
    const backup = `${file}.wherry-backup`;
    expect(await writeKubeconfig(file, ours())).toEqual({ file, backup });
    expect(await readFile(backup, "utf8")).toBe(theirs);
    for (const path of [file, backup]) expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await writeKubeconfig(file, ours())).toEqual({ file });
    expect(await readFile(backup, "utf8")).toBe(theirs);
    expect((await readdir(at.path)).toSorted()).toEqual(["config", "config.wherry-backup"]);
  });

  it("leaves a file alone that it cannot understand", async () => {
    await using at = await folder();
    const file = join(at.path, "config");
    await writeFile(file, "clusters: [");
    await expect(writeKubeconfig(file, ours())).rejects.toThrow(
      /^.*config was left as it is: it is not valid YAML[^\n]*$/,
    );
    expect(await readFile(file, "utf8")).toBe("clusters: [");
    expect(await readdir(at.path)).toEqual(["config"]);
  });

  it("follows a link", async () => {
    await using at = await folder();
    await writeFile(join(at.path, "real"), theirs);
    await symlink("real", join(at.path, "config"));
    await writeKubeconfig(join(at.path, "config"), ours());
    expect(await readFile(join(at.path, "real"), "utf8")).toContain("wherry");
  });

  it("does not lose entries to a second writer", async () => {
    await using at = await folder();
    const file = join(at.path, "config");
    await Promise.all(["a", "b", "c", "d"].map((name) => writeKubeconfig(file, ours("https://x", name))));
    const names = parse(await readFile(file, "utf8")).clusters.map((entry: { name: string }) => entry.name);
    expect(names.toSorted()).toEqual(["a", "b", "c", "d"]);
  });

  it("says so when another program holds the lock", async () => {
    await using at = await folder();
    const file = join(at.path, "config");
    await writeFile(`${file}.lock`, "");
    await expect(writeKubeconfig(file, ours())).rejects.toThrow(`${file}.lock; remove that file if none is running`);
  });

  it("says so when the folder cannot be made", async () => {
    await using at = await folder();
    await writeFile(join(at.path, "file"), "");
    await chmod(join(at.path, "file"), 0o600);
    await expect(writeKubeconfig(join(at.path, "file", "config"), ours())).rejects.toThrow("cannot be written");
  });
});

describe("the user's file", () => {
  it("is the first that KUBECONFIG names, or the one in the home folder", () => {
    expect(userKubeconfigFile({ KUBECONFIG: ":/a/one:/b/two" }, "/home/x")).toBe("/a/one");
    expect(userKubeconfigFile({ KUBECONFIG: "" }, "/home/x")).toBe("/home/x/.kube/config");
    expect(userKubeconfigFile({}, "/home/x")).toBe("/home/x/.kube/config");
  });
});
