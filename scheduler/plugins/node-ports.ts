import { type HostPort, portsConflict } from "../framework/host-ports.ts";
import type { Plugin } from "../framework/plugin.ts";
import { createPodInfo } from "../framework/pod-info.ts";
import { skip, unschedulable } from "../framework/status.ts";
import { queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.nodePorts;
const rejected = unschedulable(name, "node(s) didn't have free ports for the requested pod ports");

/** Whether the ports of the host that the pod asks for are free. */
export const nodePorts: Plugin = {
  name,
  events: [
    {
      resource: "Pod",
      actions: ["Delete"],
      hint({ hostPorts }, before) {
        if (!before?.spec?.nodeName) return "QueueSkip";
        const freed = createPodInfo(before).hostPorts;
        return queueIf(hostPorts.some((port) => freed.some((other) => areSame(port, other))));
      },
    },
    { resource: "Node", actions: ["Add"] },
  ],
  preFilter({ hostPorts }) {
    if (hostPorts.length === 0) return skip;
    return {
      filter: ({ usedPorts }) => (hostPorts.some((port) => portsConflict(usedPorts, port)) ? rejected : undefined),
    };
  },
};

function areSame(a: HostPort, b: HostPort): boolean {
  return portsConflict(new Map([[`${b.protocol}/${b.port}`, new Set([b.ip])]]), a);
}
