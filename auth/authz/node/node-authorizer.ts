import { allowed, type Authorizer, type Decision, noOpinion } from "../authorizer.ts";
import type { NodeGraph } from "./graph.ts";
import { nodeNameOf } from "./node-identity.ts";
import { type Asked, judge } from "./rules.ts";

type Graph = Pick<NodeGraph, "relates">;

/**
 * Lets nodes read what their own pods need. `graph` answers with the relations as they are now; a promise until they are
 * known for the first time.
 * https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function nodeAuthorizer(graph: () => Graph | Promise<Graph>): Authorizer {
  return ({ user, verb, resource }) => {
    const node = nodeNameOf(user);
    if (node === undefined) return noOpinion;
    if (node === "") return { opinion: "no opinion", reason: `unknown node for user ${JSON.stringify(user.name)}` };
    if (resource === undefined) return noOpinion;
    return decide({ ...resource, node, verb }, graph);
  };
}

function decide(asked: Asked, graph: () => Graph | Promise<Graph>): Decision | Promise<Decision> {
  const verdict = judge(asked);
  if ("opinion" in verdict) return verdict;
  const decided = (known: Graph): Decision =>
    known.relates(asked.node, verdict.related, asked)
      ? allowed
      : { opinion: "no opinion", reason: `no relationship found between node '${asked.node}' and this object` };
  const known = graph();
  return known instanceof Promise ? known.then(decided) : decided(known);
}
