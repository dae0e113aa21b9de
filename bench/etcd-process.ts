import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Http2Client, type Target, type Template } from "./http2-client.ts";
import { type Usage, usageOf } from "./usage.ts";

/** etcd, the yardstick for durable writes: on the same disk, with the same certificate, written to by the same client. */
export class EtcdProcess implements AsyncDisposable {
  readonly target: Target;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, target: Target) {
    this.#child = child;
    this.target = target;
  }

  /** `pki` is the folder of a server's keys. Undefined when etcd is not installed (Debian: etcd-server). */
  static async start(folder: string, pki: string): Promise<EtcdProcess | undefined> {
    const [client, peer] = [await freePort(), await freePort()];
    const url = `https://127.0.0.1:${client}`;
    const files = { cert: join(pki, "apiserver.crt"), key: join(pki, "apiserver.key") };
    const child = spawn(
      "etcd",
      [
        ["--data-dir", folder, "--log-level", "error", "--cert-file", files.cert, "--key-file", files.key],
        ["--listen-client-urls", url, "--advertise-client-urls", url],
        ["--listen-peer-urls", `http://127.0.0.1:${peer}`, "--initial-advertise-peer-urls", `http://127.0.0.1:${peer}`],
        ["--initial-cluster", `default=http://127.0.0.1:${peer}`],
      ].flat(),
      { stdio: "ignore" },
    );
    if (!(await isSpawned(child))) return undefined;
    const etcd = new EtcdProcess(child, { url, ca: await readFile(join(pki, "ca.crt"), "utf8") });
    try {
      await answering(etcd.target);
      return etcd;
    } catch (thrown) {
      await etcd[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  usage(): Promise<Usage> {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("etcd has no process");
    return usageOf(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }
}

/** etcdserverpb.KV/Put. https://etcd.io/docs/v3.4/dev-guide/api_reference_v3/ */
export const putTemplate: Template = {
  method: "POST",
  path: "/etcdserverpb.KV/Put",
  headers: { "content-type": "application/grpc", te: "trailers" },
};

/** PutRequest (key = 1, value = 2) in a gRPC message, written by hand: a client library would cost more than etcd. */
export function putBody(key: string, value: Buffer): Buffer {
  const message = Buffer.concat([field(1, Buffer.from(key)), field(2, value)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function field(number: number, bytes: Buffer): Buffer {
  const head = [number * 8 + 2];
  let length = bytes.length;
  for (; length >= 128; length = Math.floor(length / 128)) head.push((length % 128) + 128);
  return Buffer.concat([Buffer.from([...head, length]), bytes]);
}

async function isSpawned(child: ChildProcess): Promise<boolean> {
  try {
    await once(child, "spawn");
    return true;
  } catch {
    return false;
  }
}

async function answering(target: Target): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await putOnce(target);
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error("etcd does not answer");
}

async function putOnce(target: Target): Promise<void> {
  using client = await Http2Client.open(target);
  await client.request(putTemplate, putBody("ready", Buffer.alloc(1)));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
