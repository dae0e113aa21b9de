import type { Container, Pod } from "../../api/generated/types/core-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Plugin } from "../framework/plugin.ts";
import { skip, unresolvable } from "../framework/status.ts";
import { isSamePod, queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.nodeDeclaredFeatures;
const rejected = unresolvable(name, "node(s) didn't match Pod's required features");

/**
 * Keeps pods off nodes that do not declare what the pods need of them.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/
 */
export const nodeDeclaredFeatures: Plugin = {
  name,
  events: [
    {
      resource: "Node",
      actions: ["Add", "UpdateNodeDeclaredFeature"],
      hint: (_, before, after) =>
        queueIf(
          before === undefined || !semanticEqual(before.status?.declaredFeatures, after?.status?.declaredFeatures),
        ),
    },
    {
      resource: "Pod",
      actions: ["Update"],
      hint: (pod, before, after) =>
        queueIf(
          isSamePod(pod, after) &&
            (before === undefined || after === undefined || !semanticEqual(neededOf(before), neededOf(after))),
        ),
    },
  ],
  preFilter({ pod }) {
    const needed = neededOf(pod);
    if (needed.length === 0) return skip;
    return {
      filter({ node }) {
        const declared = node.status?.declaredFeatures ?? [];
        return needed.every((feature) => declared.includes(feature)) ? undefined : rejected;
      },
    };
  },
};

/** Of the features that nodes of 1.36 declare, only this one decides where a new pod can run. */
function neededOf({ spec }: DeepReadonly<Pod>): readonly string[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.some(restartsAll) ? ["RestartAllContainersOnContainerExits"] : [];
}

function restartsAll({ restartPolicyRules = [] }: DeepReadonly<Container>): boolean {
  return restartPolicyRules.some(({ action }) => action === "RestartAllContainers");
}
