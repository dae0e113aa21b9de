import { Scope } from "../base/scope.ts";
import { type AgentDeps, nodeUser, userAgent } from "./agent-deps.ts";
import { type Kubelet, type KubeletOptions, startKubelet } from "./kubelet/kubelet.ts";
import { createPodWorkers } from "./kubelet/pod-workers.ts";

/** Starts the agent of one node on a runtime; resolves when the node is registered and its pods are known. */
export async function runAgent(options: KubeletOptions, deps: AgentDeps): Promise<Kubelet> {
  await using scope = new Scope();
  const workers = scope.use(createPodWorkers(deps));
  const transport = deps.as(nodeUser(options.machine.nodeName));
  const kubelet = scope.use(await startKubelet(options, { ...deps, transport, userAgent, workers }));
  const all = scope.move();
  return { ...kubelet, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}
