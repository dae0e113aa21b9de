import { Scope } from "../base/scope.ts";
import { type AgentDeps, kubeletDeps } from "./agent-deps.ts";
import { type Kubelet, type KubeletOptions, startKubelet } from "./kubelet/kubelet.ts";
import { createPodWorkers } from "./kubelet/pod-workers.ts";

/** Starts the agent of one node on a runtime; resolves when the node is registered and its pods are known. */
export async function runAgent(options: KubeletOptions, deps: AgentDeps): Promise<Kubelet> {
  await using scope = new Scope();
  const workers = scope.use(createPodWorkers(deps));
  const parts = kubeletDeps(options.machine.nodeName, { deps, workers, scope, hasEvents: true });
  const kubelet = scope.use(await startKubelet(options, parts));
  const all = scope.move();
  return { ...kubelet, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}
