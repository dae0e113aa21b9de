import type { Plugin } from "../framework/plugin.ts";
import { skip, unresolvable } from "../framework/status.ts";
import { names } from "./names.ts";

const name = names.nodeName;
const rejected = unresolvable(name, "node(s) didn't match the requested node name");

/** Whether the pod names this node. */
export const nodeName: Plugin = {
  name,
  events: [{ resource: "Node", actions: ["Add"] }],
  preFilter({ pod }) {
    const wanted = pod.spec?.nodeName;
    if (!wanted) return skip;
    return { filter: (node) => (node.name === wanted ? undefined : rejected) };
  },
};
