import type { RuleResolver } from "../rule-resolver.ts";
import { noRules, unknownRules } from "../unknown-rules.ts";
import { nodeNameOf } from "./node-identity.ts";

const ofNodes = unknownRules("node authorizer does not support user rule resolution");

/** What a node may read changes with its pods. */
export const nodeRules: RuleResolver = (user, namespace) =>
  nodeNameOf(user) === undefined ? noRules : ofNodes(user, namespace);
