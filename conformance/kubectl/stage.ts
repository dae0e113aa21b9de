import { realClock } from "../../base/clock.ts";
import type { Manifest } from "../manifests.ts";
import { openTarget, type Target, type TargetOptions } from "../target.ts";
import { createKubectl, type Kubectl, type Minor } from "./kubectl.ts";

/** A cluster, a kubectl and a namespace in which pods can be made: what most suites need. */
export interface Stage extends AsyncDisposable {
  readonly target: Target;
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** Marks names of objects that have no namespace. */
  readonly run: string;
  /** kubectl in the namespace. */
  ok(...args: readonly string[]): Promise<string>;
  /** The same with `-o json`, read. */
  json(...args: readonly string[]): Promise<Manifest>;
  /** The standard error of a command that exits with 1. */
  refused(...args: readonly string[]): Promise<string>;
}

export async function openStage(minor: Minor, name: string, options: TargetOptions = {}): Promise<Stage> {
  const target = await openTarget(options);
  const kubectl = await createKubectl(minor, target.kubeconfig);
  const run = `${minor}-${realClock.now().toString(36)}`;
  const namespace = `conformance-${name}-${run}`;
  await createNamespace(kubectl, namespace);
  const ok = (...args: readonly string[]): Promise<string> => kubectl.ok(withFlags(args, "-n", namespace));
  return {
    target,
    kubectl,
    namespace,
    run,
    ok,
    json: async (...args) => JSON.parse(await ok(...withFlags(args, "-o", "json"))) as Manifest,
    refused: async (...args) => (await kubectl.exits(1, withFlags(args, "-n", namespace))).stderr,
    async [Symbol.asyncDispose]() {
      if (!target.fresh) await kubectl.run(["delete", "namespace", namespace, "--wait=false"]);
      await kubectl[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

/** With its service account, before which there can be no pods. */
export async function createNamespace(kubectl: Kubectl, name: string): Promise<void> {
  await kubectl.ok(["create", "namespace", name]);
  await kubectl.ok(["wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=30s"]);
}

/** What follows `--` is a container's command. */
export function withFlags(args: readonly string[], ...flags: readonly string[]): readonly string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return [...args.slice(0, end), ...flags, ...args.slice(end)];
}

export const minors: readonly Minor[] = [36, 35, 32];
