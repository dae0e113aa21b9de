import {
  matcherOf,
  namedNodes,
  type NodeMatcher,
  preferenceOf,
  requiredNodes,
  type SelectableNode,
} from "../../api/core/node-selection.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Plugin } from "../framework/plugin.ts";
import { normalizeToHighest } from "../framework/score-nodes.ts";
import { skip, unresolvable } from "../framework/status.ts";
import type { NodeAffinityArgs } from "./args.ts";
import { queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.nodeAffinity;
const rejected = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");
const notEnforced = unresolvable(name, "node(s) didn't match scheduler-enforced node affinity");
const inConflict = unresolvable(name, "pod affinity terms conflict");

/** Node selectors and node affinity of the pod, and what the configuration adds to every pod. */
export function createNodeAffinity({ addedAffinity }: NodeAffinityArgs): Plugin {
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const isEnforced: NodeMatcher | undefined = enforced === undefined ? undefined : matcherOf(enforced);
  const added = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    name,
    events: [
      {
        resource: "Node",
        actions: ["Add", "UpdateNodeLabel"],
        hint({ pod }, before, after) {
          const isWanted = requiredNodes(pod.spec) ?? (() => true);
          if (after === undefined || isEnforced?.(selectable(after)) === false) return "QueueSkip";
          return queueIf(isWanted(selectable(after)) && (before === undefined || !isWanted(selectable(before))));
        },
      },
    ],
    preFilter({ pod }) {
      const isWanted = requiredNodes(pod.spec);
      if (isWanted === undefined && isEnforced === undefined) return skip;
      const nodeNames = namedNodes(pod.spec?.affinity?.nodeAffinity ?? {});
      if (nodeNames?.size === 0) return inConflict;
      return {
        ...(nodeNames === undefined ? {} : { nodeNames }),
        filter(node) {
          if (isEnforced?.(node) === false) return notEnforced;
          return isWanted?.(node) === false ? rejected : undefined;
        },
      };
    },
    preScore({ pod: { pod } }) {
      const own = preferredTerms(pod);
      if (own.length + added.length === 0) return skip;
      const preference = preferenceOf([...added, ...own]);
      return { score: preference, normalize: (scores) => normalizeToHighest(scores, false) };
    },
  };
}

function preferredTerms({ spec }: DeepReadonly<Pod>): Parameters<typeof preferenceOf>[0] {
  return spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
}

function selectable({ metadata }: DeepReadonly<Node>): SelectableNode {
  return { name: metadata?.name ?? "", labels: metadata?.labels ?? {} };
}
