import type { NodeRecorder } from "../node-recorder.ts";

/** What a kubelet says when it begins. Its events name the node in place of the Node's UID, which `kubectl describe` looks for. */
export function announceNode(
  nodeName: string,
  events: NodeRecorder,
  { isSimulated }: { readonly isSimulated: boolean },
): void {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName, uid: nodeName } };
  const tell = (reason: string, message: string): void => events.event(node, { type: "Normal", reason, message });
  tell("Starting", "Starting kubelet.");
  if (isSimulated) tell("SimulatedRuntime", "Containers on this node are simulated: nothing runs in them.");
  for (const reason of ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"])
    tell(reason, `Node ${nodeName} status is now: ${reason}`);
}
