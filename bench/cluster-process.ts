import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { TestClusterOptions } from "../cluster/testing.ts";
import { builtLibrary } from "./built-library.ts";
import type { Target } from "./http2-client.ts";
import { type Kubeconfig, targetOf } from "./server-process.ts";
import { type Usage, usageOf } from "./usage.ts";

/** What can be sent to another process. */
export type ApartOptions = Pick<
  TestClusterOptions,
  "nodes" | "controllers" | "scheduler" | "dataDir" | "durable" | "admission"
>;

/** Nothing acts on objects. Pods are taken without their service account and nodes without a taint, for nobody makes or removes them. */
export const apiServerOnly: ApartOptions = {
  nodes: 0,
  controllers: [],
  scheduler: false,
  admission: { disable: ["ServiceAccount", "TaintNodesByCondition"] },
};

/** A cluster of the built library in a process of its own: in memory, as tests have it, or on the disk. */
export class ClusterProcess implements AsyncDisposable {
  readonly target: Target;
  readonly kubeconfig: object;
  /** From the start of the process until the cluster is there with all its nodes. */
  readonly readyMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, kubeconfig: Kubeconfig, readyMs: number) {
    this.#child = child;
    this.kubeconfig = kubeconfig;
    this.target = targetOf(kubeconfig);
    this.readyMs = readyMs;
  }

  static async start(options: ApartOptions): Promise<ClusterProcess> {
    const started = performance.now();
    const child = fork(fileURLToPath(new URL("cluster-child.mjs", import.meta.url)), {
      execArgv: (process.env["BENCH_NODE_OPTIONS"] ?? "").split(" ").filter((flag) => flag !== ""),
    });
    child.send({ library: builtLibrary, options });
    const text = await new Promise<string>((resolve, reject) => {
      child.once("message", (message) => resolve((message as { readonly kubeconfig: string }).kubeconfig));
      child.once("exit", (code) => reject(new Error(`the cluster's process ended before it was ready (${code})`)));
    });
    return new ClusterProcess(child, parse(text), performance.now() - started);
  }

  usage(): Promise<Usage> {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the cluster has no process");
    return usageOf(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }
}
