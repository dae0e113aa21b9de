import { readFile } from "node:fs/promises";
import { createCluster } from "../cluster/testing.ts";

/** What the suites run against. */
export interface Target extends AsyncDisposable {
  /** The text of a kubeconfig whose current user may do everything. */
  readonly kubeconfig: string;
  /** A fresh cluster of our own, as opposed to one that somebody keeps. */
  readonly fresh: boolean;
}

const file = process.env["WHERRY_CONFORMANCE_KUBECONFIG"] ?? "";

/** Ours runs in this process: it reaches servers that tests start here, and has not been configured by others. */
export const isOwnCluster: boolean = file === "";

export interface TargetOptions {
  /** Of a cluster of our own; another has those it has. */
  readonly nodes?: number;
}

/** A whole cluster made for the occasion, or the one that WHERRY_CONFORMANCE_KUBECONFIG names. */
export async function openTarget({ nodes = 2 }: TargetOptions = {}): Promise<Target> {
  if (!isOwnCluster) {
    return { kubeconfig: await readFile(file, "utf8"), fresh: false, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const cluster = await createCluster({ nodes });
  return { kubeconfig: cluster.kubeconfig, fresh: true, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}
