import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Kubeconfig } from "../certs/kubeconfig.ts";

/** The built command as a user starts it, with a home folder of its own. */
const command = fileURLToPath(new URL("../dist/wherry.js", import.meta.url));

let home: string;
let running: ChildProcess[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "wherry-"));
  running = [];
});
afterEach(async () => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await rm(home, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

class Process {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = "";
  err = "";

  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const { PATH = "" } = process.env;
    this.child = spawn(process.execPath, [command, ...words], {
      cwd: home,
      env: { PATH, HOME: home, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.push(this.child);
    this.child.stdout?.on("data", (piece: Buffer) => (this.out += piece.toString()));
    this.child.stderr?.on("data", (piece: Buffer) => (this.err += piece.toString()));
    this.ended = once(this.child, "close").then(() => ({ code: this.child.exitCode, out: this.out, err: this.err }));
  }

  /** Resolves when the text was printed. */
  async says(text: string, on: "out" | "err" = "out"): Promise<this> {
    const stream = on === "out" ? this.child.stdout : this.child.stderr;
    while (!this[on].includes(text)) {
      const more = await Promise.race([once(stream ?? this.child, "data"), this.ended.then(() => undefined)]);
      if (more === undefined && !this[on].includes(text))
        throw new Error(`it ended without "${text}": ${this.out}${this.err}`);
    }
    return this;
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

const wherry = (...words: string[]): Promise<Ended> => new Process(words).ended;
const started = (...words: string[]): Promise<Process> => new Process(words).says("Ctrl-C");
const usualFolder = (): string => join(home, ".local", "share", "wherry");
const userKubeconfig = (): string => join(home, ".kube", "config");

/** What a client library does with a kubeconfig. */
async function ask(
  kubeconfig: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: object | string; headers?: Record<string, string> } = {},
): Promise<{ status: number; text: string }> {
  // Our own file.
  const { clusters, users } = parse(await readFile(kubeconfig, "utf8")) as Kubeconfig;
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
  const plain = (base64 = ""): string => Buffer.from(base64, "base64").toString();
  const asking = request(new URL(path, cluster?.server), {
    method,
    agent: false,
    ca: plain(cluster?.["certificate-authority-data"]),
    cert: plain(user?.["client-certificate-data"]),
    key: plain(user?.["client-key-data"]),
    headers: { "content-type": "application/json", ...headers },
  });
  asking.end(typeof body === "object" ? JSON.stringify(body) : body);
  const [response] = (await once(asking, "response")) as [import("node:http").IncomingMessage];
  let text = "";
  for await (const piece of response) text += String(piece);
  return { status: response.statusCode ?? 0, text };
}

describe("wherry up", () => {
  it("starts with no flag but a port, and leaves credentials with which a client reads and writes", async () => {
    const up = await started("up", "--port", "0");
    expect(up.out).toContain("credentials  ~/.kube/config");
    expect(up.out).toContain("Next:  kubectl get namespaces");
    expect(up.out).not.toContain("\u001b");
    expect((await stat(userKubeconfig())).mode & 0o777).toBe(0o600);
    const { status, text } = await ask(userKubeconfig(), "GET", "/api/v1/namespaces");
    expect([status, text]).toEqual([200, expect.stringContaining("kube-system")]);
    expect((await up.stop()).code).toBe(0);
    expect(up.err).toBe("");
  });

  it("speaks YAML and protobuf, whose parts are loaded when they are first asked for", async () => {
    const up = await started("up", "--port", "0", "--kubeconfig", "kc");
    const yaml = { "content-type": "application/yaml", accept: "application/yaml" };
    const made = await ask(join(home, "kc"), "POST", "/api/v1/namespaces/default/configmaps", {
      body: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: written}\ndata: {answer: 'yes'}\n",
      headers: yaml,
    });
    expect([made.status, made.text]).toEqual([201, expect.stringContaining('answer: "yes"')]);
    const list = await ask(join(home, "kc"), "GET", "/api/v1/namespaces/default/configmaps", { headers: yaml });
    expect([list.status, list.text]).toEqual([200, expect.stringContaining("name: written")]);
    const protobuf = { accept: "application/vnd.kubernetes.protobuf" };
    const packed = await ask(join(home, "kc"), "GET", "/api/v1/namespaces/default", { headers: protobuf });
    expect([packed.status, packed.text]).toEqual([200, expect.stringMatching(/^k8s\0/)]);
    await up.stop();
  });

  it("keeps everything through kill -9", async () => {
    const folder = join(home, "data");
    const flags = ["up", "--port", "0", "--data-dir", folder, "--kubeconfig", "kc"];
    const first = await started(...flags);
    const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept" }, data: { a: "1" } };
    const created = await ask(join(home, "kc"), "POST", "/api/v1/namespaces/default/configmaps", {
      body: configMap,
    });
    expect(created.status).toBe(201);
    await first.stop("SIGKILL");
    expect(await wherry("status", "--data-dir", folder)).toMatchObject({
      code: 3,
      out: expect.stringContaining("killed") as string,
    });
    const second = await started(...flags);
    const found = await ask(join(home, "kc"), "GET", "/api/v1/namespaces/default/configmaps/kept");
    expect([found.status, found.text]).toEqual([200, expect.stringContaining('"a":"1"')]);
    await second.stop();
  });

  it("puts its context into the user's kubeconfig, keeps what else is there, and a backup", async () => {
    const before =
      "apiVersion: v1\nkind: Config\ncurrent-context: work\ncontexts:\n- name: work\n  context: {cluster: c, user: u}\n";
    await mkdir(join(home, ".kube"));
    await writeFile(userKubeconfig(), before);
    const up = await started("up", "--port", "0");
    const merged = await readFile(userKubeconfig(), "utf8");
    expect(parse(merged)).toMatchObject({
      "current-context": "wherry",
      contexts: [{ name: "work" }, { name: "wherry" }],
    });
    expect(await readFile(`${userKubeconfig()}.wherry-backup`, "utf8")).toBe(before);
    expect(up.out).toContain("~/.kube/config.wherry-backup");
    await up.stop();
  });

  it("touches no other file with --kubeconfig and --data-dir", async () => {
    const up = await started("up", "--port", "0", "--kubeconfig", "kc", "--data-dir", "data");
    expect(up.out).toContain("kubectl --kubeconfig ~/kc get namespaces");
    await up.stop();
    expect(await readdir(home)).toEqual(["data", "kc"]);
  });

  it("leaves a kubeconfig alone that it cannot read", async () => {
    await writeFile(join(home, "kc"), "clusters: [");
    const { code, err } = await wherry("up", "--port", "0", "--kubeconfig", "kc");
    expect(code).toBe(1);
    expect(err).toMatch(/^wherry: \S+\/kc was left as it is: it is not valid YAML .*\n$/);
    expect(await readFile(join(home, "kc"), "utf8")).toBe("clusters: [");
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends within a second of %s although a watch is open", async (signal) => {
    const up = await started("up", "--port", "0", "--kubeconfig", "kc");
    const watch = ask(join(home, "kc"), "GET", "/api/v1/namespaces?watch=true").catch((thrown: unknown) => thrown);
    const begun = performance.now();
    expect((await up.stop(signal)).code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(1000);
    await watch;
  });

  it("says so when it is told not to flush", async () => {
    const up = await started("up", "--port", "0", "--unsafe-no-fsync");
    expect(up.err).toMatch(/warn {2}--unsafe-no-fsync: a power cut loses the latest writes/);
    await up.stop();
  });
});

describe("wherry server", () => {
  it("leaves its credentials in the data folder, and the user's kubeconfig alone", async () => {
    const server = await started("server", "--port", "0");
    const { status } = await ask(join(usualFolder(), "admin.kubeconfig"), "GET", "/api/v1/nodes");
    expect(status).toBe(200);
    expect(await readdir(home)).toEqual([".local"]);
    await server.stop();
  });

  it("logs JSON for programs, and when it is ready", async () => {
    const server = await new Process(["server", "--port", "0", "--log-format", "json"]).says('"ready"', "err");
    await server.stop("SIGTERM");
    const lines = server.err
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(["ready", "stopping"]));
    expect(server.out).toBe("");
  });

  it("takes upstream's flags", async () => {
    const flags = ["--service-cidr", "10.7.0.0/24", "--tls-san", "k8s.example.com", "--advertise-address", "192.0.2.1"];
    const apis = [
      "--runtime-config",
      "batch/v1=false",
      "--runtime-config",
      "api/beta=false",
      "--feature-gates",
      "AllAlpha=false",
    ];
    const configuration = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration", plugins: [] };
    await writeFile(join(home, "admission.json"), JSON.stringify(configuration));
    const admission = [
      ...["--enable-admission-plugins", "AlwaysPullImages,NamespaceExists", "--disable-admission-plugins=Priority"],
      ...["--enable-admission-plugins", "DenyServiceExternalIPs", "--default-not-ready-toleration-seconds", "-1"],
      ...["--admission-control-config-file", "admission.json", "--default-unreachable-toleration-seconds=0"],
    ];
    const load = [
      ...["--max-requests-inflight", "0", "--max-mutating-requests-inflight", "50", "--request-timeout", "90s"],
      "--enable-priority-and-fairness=false",
    ];
    const server = await started(
      ...["server", "--port", "0", "--kubeconfig", "kc"],
      ...[...flags, ...apis, ...admission, ...load],
    );
    const of = async (path: string): Promise<string> => (await ask(join(home, "kc"), "GET", path)).text;
    expect(await of("/api/v1/namespaces/default/services/kubernetes")).toContain('"clusterIP":"10.7.0.1"');
    expect(await of("/api/v1/namespaces/default/endpoints/kubernetes")).toContain('"ip":"192.0.2.1"');
    expect(await of("/apis/batch/v1/jobs")).toContain('"code":404');
    expect(await of("/apis")).not.toContain('"batch"');
    const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } };
    const made = await ask(join(home, "kc"), "POST", "/api/v1/namespaces/default/pods", { body: pod });
    expect(JSON.parse(made.text)).toMatchObject({
      spec: {
        containers: [{ imagePullPolicy: "Always" }],
        tolerations: [{ tolerationSeconds: -1 }, { tolerationSeconds: 0 }],
      },
    });
    await server.stop();
  });
});

describe("wherry kubeconfig", () => {
  it("prints credentials of a server that no longer runs, or merges them", async () => {
    await (await started("server", "--port", "0")).stop();
    const printed = await wherry("kubeconfig");
    expect(printed).toMatchObject({ code: 0, err: "" });
    expect(parse(printed.out)).toEqual(parse(await readFile(join(usualFolder(), "admin.kubeconfig"), "utf8")));
    const merged = await wherry("kubeconfig", "--merge");
    expect(merged.out).toMatch(/^~\/\.kube\/config has the context "wherry" for https:\/\/127\.0\.0\.1:\d+\n$/);
    expect(parse(await readFile(userKubeconfig(), "utf8"))).toEqual(parse(printed.out));
  });

  it("says what to do where no cluster is", async () => {
    const { code, err } = await wherry("kubeconfig");
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^wherry: no cluster was started in .* yet; start one with `wherry up`.*\n$/),
    ]);
  });
});

describe("wherry status", () => {
  it("tells where, since when and how much, and exits 0 only while it runs", async () => {
    expect(await wherry("status")).toMatchObject({ code: 3, out: expect.stringContaining("never started") as string });
    const server = await started("server", "--port", "0");
    const { code, out } = await wherry("status", "-o", "json");
    expect(code).toBe(0);
    const url = /https:\S+/.exec(server.out)?.[0];
    expect(JSON.parse(out)).toMatchObject({ state: "running", url, pid: server.child.pid, dataDir: usualFolder() });
    expect((JSON.parse(out) as { objects: number }).objects).toBeGreaterThan(50);
    expect((await wherry("status")).out).toMatch(/^wherry {3}running\nserver {3}https:.*\(pid \d+\)\nsince/);
    await server.stop();
    expect(await wherry("status")).toMatchObject({ code: 3, out: expect.stringContaining("stopped") as string });
  });

  it("does not take another server for its own", async () => {
    await (await started("server", "--port", "0")).stop();
    const other = await started("server", "--port", "0", "--data-dir", "other");
    const file = join(usualFolder(), "server.json");
    const { stoppedAt: _, ...claim } = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...claim, url: /https:\S+/.exec(other.out)?.[0] }));
    expect((await wherry("status")).code).toBe(3);
    await other.stop();
  });
});

/** Every failure is one line. */
const oneLine = (text: string): unknown => expect.stringMatching(new RegExp(`^wherry: [^\\n]*${text}[^\\n]*\\n$`));

describe("what a user can get wrong", () => {
  it("a port in use", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    // An address of TCP, not of a pipe.
    const { port } = squatter.address() as AddressInfo;
    const ended = await wherry("up", "--port", String(port), "--kubeconfig", "kc");
    expect(ended).toMatchObject({
      code: 1,
      err: oneLine(`port ${port} on 127.0.0.1 is in use; .* with --port`),
      out: "",
    });
    squatter.close();
  });

  it("a port in use by the user's other wherry", async () => {
    const first = await started("server", "--port", "0");
    const port = /:(\d+)\n/.exec(first.out)?.[1] ?? "";
    const ended = await wherry("up", "--port", port, "--data-dir", "other");
    expect(ended).toMatchObject({ code: 1, err: oneLine(`used by the wherry of .*\\(pid ${first.child.pid}\\)`) });
    await first.stop();
  });

  it("a data folder in use", async () => {
    const first = await started("server", "--port", "0");
    const ended = await wherry("server", "--port", "0");
    expect(ended).toMatchObject({
      code: 1,
      err: oneLine(`already runs on .*\\(pid ${first.child.pid}\\); stop it, or .* --data-dir`),
    });
    expect((await wherry("status")).code).toBe(0);
    await first.stop();
  });

  it("a data folder that cannot be made", async () => {
    await writeFile(join(home, "file"), "");
    for (const folder of ["file", "file/data", "/proc/wherry/data"])
      expect(await wherry("up", "--data-dir", folder)).toMatchObject({ code: 1, err: oneLine("--data-dir") });
  });

  it.skipIf(process.platform !== "linux")("a data folder that nobody may write to", async () => {
    const ended = await wherry("up", "--port", "0", "--data-dir", "/sys/kernel");
    expect(ended).toMatchObject({ code: 1, err: oneLine("/sys/kernel.*; check .*folder") });
  });

  it("a damaged store", async () => {
    await (await started("server", "--port", "0")).stop();
    const store = join(usualFolder(), "store");
    await rm(join(store, "CURRENT"));
    expect(await wherry("server", "--port", "0")).toMatchObject({
      code: 1,
      err: oneLine("the store is corrupt: .*; restore a snapshot, or"),
    });
  });

  it("a damaged certificate authority", async () => {
    await (await started("server", "--port", "0")).stop();
    await rm(join(usualFolder(), "pki", "ca.key"));
    expect(await wherry("server", "--port", "0")).toMatchObject({
      code: 1,
      err: oneLine("ca.key is missing; put back"),
    });
  });

  it.each([
    [["up", "--port", "70000"], "--port.*0 \\(any free one\\) to 65535"],
    [["up", "--prot", "1"], "unknown option '--prot'; \\(Did you mean --port\\?\\)"],
    [["upp"], "unknown command 'upp'; \\(Did you mean up\\?\\)"],
    [["up", "now"], "too many arguments"],
    [["up", "--service-cidr", "10.0.0.0"], "--service-cidr.*is not a range"],
    [["up", "--service-node-port-range", "9-1"], "--service-node-port-range.*first-last"],
    [["up", "--advertise-address", "me"], "--advertise-address.*IP address"],
    [["up", "--log-format", "xml"], "--log-format.*human, json"],
    [["up", "--max-requests-inflight", "-1"], "--max-requests-inflight.*whole number from 0 on"],
    [["up", "--max-mutating-requests-inflight", "x"], "--max-mutating-requests-inflight.*whole number from 0 on"],
    [["up", "--enable-priority-and-fairness=maybe"], "--enable-priority-and-fairness.*true or false"],
    [["up", "--request-timeout", "60"], "--request-timeout.*duration from 1s on"],
    [["up", "--default-not-ready-toleration-seconds", "5m"], "whole number of seconds"],
    [["up", "--default-unreachable-toleration-seconds", ""], "whole number of seconds"],
    [["status", "-o"], "-o, --output.*argument missing"],
  ])("a flag: %j", async (words, text) => {
    expect(await wherry(...words)).toMatchObject({ code: 2, err: oneLine(`${text}.*see --help`), out: "" });
  });

  it.each([
    [["--feature-gates", "Nope=true"], "no feature gate Nope"],
    [["--feature-gates", "AllAlpha=true"], "AllAlpha is always off here"],
    [["--runtime-config", "api/all=true"], "api/all=true cannot be honoured"],
    [["--enable-admission-plugins", "Nope"], "--enable-admission-plugins: there is no admission plugin Nope"],
    [["--disable-admission-plugins", "Nope"], "--disable-admission-plugins: there is no admission plugin Nope"],
    [["--enable-admission-plugins", "EventRateLimit"], "EventRateLimit has no limits"],
    [["--admission-control-config-file", "nope.yaml"], "nope.yaml cannot be read .*check that path"],
    [["--max-requests-inflight=0", "--max-mutating-requests-inflight=0"], "must add up to something positive"],
    [["--request-timeout", "600h"], "--request-timeout: .*at most 596h"],
    [["--tls-san", "not a name"], '"not a name" cannot be a name of the serving certificate'],
    [["--host", "203.0.113.1"], "203.0.113.1 is not an address of this machine"],
  ])("what cannot be had: %j", async (words, text) => {
    expect(await wherry("up", "--port", "0", "--kubeconfig", "kc", ...words)).toMatchObject({
      code: 1,
      err: oneLine(text),
      out: "",
    });
  });
});

describe("help", () => {
  it("is there for every command, with examples", async () => {
    const { code, out } = await wherry("--help");
    expect([code, out]).toEqual([0, expect.stringContaining("$ wherry up")]);
    expect((await wherry()).out).toBe(out);
    for (const name of ["up", "server", "kubeconfig", "status"]) {
      expect(out).toMatch(new RegExp(`^ {2}${name} `, "m"));
      expect(await wherry(name, "--help")).toMatchObject({
        code: 0,
        err: "",
        out: expect.stringMatching(new RegExp(`Examples:\n {2}\\$ wherry ${name}`)) as string,
      });
    }
  });

  it("tells both versions", async () => {
    expect(await wherry("--version")).toEqual({
      code: 0,
      err: "",
      out: expect.stringMatching(/^wherry \d+\.\d+\.\d+ \(Kubernetes v1\.36\.\d+\)\n$/) as string,
    });
  });
});
