import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "../../api/generated/types/flowcontrol-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Identified, ResourceTarget } from "../pipeline/stages.ts";

type Test<In> = (value: In) => boolean;

/** Whether a flow schema is about a request; compiled once per schema. */
export function compileMatch({ rules }: DeepReadonly<FlowSchemaSpec>): Test<Identified> {
  return anyOf((rules ?? []).map(rule));
}

/** What tells the flows of one schema apart. */
export function distinguisherOf({ distinguisherMethod }: DeepReadonly<FlowSchemaSpec>): (of: Identified) => string {
  switch (distinguisherMethod?.type) {
    case "ByUser":
      return ({ user }) => user.name;
    case "ByNamespace":
      return ({ target }) => (target.type === "resource" ? namespaceOf(target) : "");
    default:
      return () => "";
  }
}

/** A namespace object counts as being in itself. */
function namespaceOf({ namespace, resource, group, name }: ResourceTarget): string {
  return resource === "namespaces" && group === "" ? name : namespace;
}

function rule({ subjects, resourceRules, nonResourceRules }: DeepReadonly<PolicyRulesWithSubjects>): Test<Identified> {
  const isSubject = anyOf((subjects ?? []).map(subject));
  const isResource = anyOf((resourceRules ?? []).map(resourceRule));
  const isPath = anyOf((nonResourceRules ?? []).map(nonResourceRule));
  return (request) =>
    isSubject(request.user) && (request.target.type === "resource" ? isResource(request.target) : isPath(request));
}

function subject({ kind, user, group, serviceAccount }: DeepReadonly<Subject>): Test<UserInfo> {
  switch (kind) {
    case "User":
      return ({ name }) => user !== undefined && (user.name === "*" || user.name === name);
    case "Group":
      return ({ groups }) => group !== undefined && (group.name === "*" || groups.includes(group.name));
    case "ServiceAccount": {
      if (serviceAccount === undefined) return () => false;
      const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
      if (serviceAccount.name === "*") return ({ name }) => name.startsWith(prefix);
      return ({ name }) => name === prefix + serviceAccount.name;
    }
    default:
      return () => false;
  }
}

function resourceRule(policy: DeepReadonly<ResourcePolicyRule>): Test<ResourceTarget> {
  const { clusterScope = false } = policy;
  const verbs = oneOf(policy.verbs);
  const groups = oneOf(policy.apiGroups);
  const resources = oneOf(policy.resources);
  const namespaces = oneOf(policy.namespaces);
  return (target) => {
    const { verb, group, resource, subresource } = target;
    if (!verbs(verb) || !groups(group)) return false;
    if (!resources(subresource === "" ? resource : `${resource}/${subresource}`)) return false;
    const namespace = namespaceOf(target);
    return namespace === "" ? clusterScope : namespaces(namespace);
  };
}

function nonResourceRule(policy: DeepReadonly<NonResourcePolicyRule>): Test<Identified> {
  const verbs = oneOf(policy.verbs);
  const isPath = anyOf(policy.nonResourceURLs.map(urlTest));
  return ({ target, path }) => verbs(target.verb) && isPath(path);
}

/** `/a/` and `/a/*` stand for all that is below; `/a` for itself and all that is below. */
function urlTest(url: string): Test<string> {
  if (url === "*") return () => true;
  const bare = url.endsWith("*") ? url.slice(0, -1) : url;
  const prefix = bare.endsWith("/") ? bare : `${bare}/`;
  return (path) => path === url || path.startsWith(prefix);
}

/** `*` stands for all, and then alone. */
function oneOf(list: readonly string[] | undefined): Test<string> {
  if (list === undefined) return () => false;
  if (list.length === 1 && list[0] === "*") return () => true;
  const members = new Set(list);
  return (value) => members.has(value);
}

function anyOf<In>(tests: readonly Test<In>[]): Test<In> {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (value) => {
    for (const test of tests) if (test(value)) return true;
    return false;
  };
}
