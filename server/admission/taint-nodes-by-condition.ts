import type { Node, Taint } from "../../api/generated/types/core-v1.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { written } from "./written.ts";

const notReady: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/**
 * A new node takes no pods before it is known to be ready.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#taintnodesbycondition
 */
export function taintNodesByCondition(): AdmissionPlugin {
  return {
    name: "TaintNodesByCondition",
    mutate(request) {
      const node =
        request.operation === "CREATE" ? written<Node>(request, { group: "", resource: "nodes" }) : undefined;
      if (node === undefined) return "unchanged";
      const taints = node.spec?.taints ?? [];
      if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return "unchanged";
      node.spec = { ...node.spec, taints: [...taints, { ...notReady }] };
      return "changed";
    },
  };
}
