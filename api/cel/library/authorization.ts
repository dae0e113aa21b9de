import { dnsLabel, dnsSubdomain } from "../../machinery/names.ts";
import {
  AuthorizerValue,
  DecisionValue,
  GroupCheckValue,
  PathCheckValue,
  ResourceCheckValue,
  type CelDecision,
  type CelResource,
} from "../authorizer.ts";
import { CelError } from "../cel.ts";
import { actualSize } from "../cost/actual-size.ts";
import { listCreation, objectCreation, traversal } from "../cost/factors.ts";
import { add, exactly, scale } from "../cost/range.ts";
import type { Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asText, noSuchOverload } from "./overload.ts";

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library */
type Cost = Parameters<typeof declare>[2];

/** Upstream lets one expression check twice. */
const checkCost = 350_000;
const checking: Cost = { cost: () => checkCost, estimate: () => ({ cost: exactly(checkCost) }) };

/** A requirement of a selector has two characters at least. */
const requirement = 0.5;
const requirementCost = listCreation + objectCreation;
const selecting: Cost = {
  cost: (args) => selectorCost(actualSize(args[1])),
  estimate: (call) => ({
    cost: add(
      exactly(listCreation),
      scale(call.size(1), traversal),
      scale(scale(call.size(1), requirement), requirementCost),
    ),
  }),
};

function selectorCost(size: number): number {
  return listCreation + Math.ceil(size * traversal) + Math.ceil(size * requirement) * requirementCost;
}

function asAuthorizer(value: Value): AuthorizerValue {
  if (value instanceof AuthorizerValue) return value;
  throw noSuchOverload();
}

function decisionOf(value: Value): CelDecision {
  if (value instanceof DecisionValue) return value.decision;
  throw noSuchOverload();
}

function filled(text: string, what: string): string {
  if (text.trim() === "") throw new CelError(`${what} must not be empty`);
  return text;
}

function serviceAccount(authorizer: Value, namespace: Value, name: Value): Value {
  const [inNamespace, named] = [asText(namespace), asText(name)];
  if (dnsSubdomain(named).length > 0) throw new CelError("Invalid service account name");
  if (dnsLabel(inNamespace).length > 0) throw new CelError("Invalid service account namespace");
  return new AuthorizerValue(asAuthorizer(authorizer).authorizer, { namespace: inNamespace, name: named });
}

function resourceOf(group: Value, resource: Value): Value {
  if (!(group instanceof GroupCheckValue)) throw noSuchOverload();
  return new ResourceCheckValue(group.authorizer, {
    group: group.group,
    resource: filled(asText(resource), "resource"),
    subresource: "",
    namespace: "",
    name: "",
    fieldSelector: "",
    labelSelector: "",
  });
}

function narrow(check: Value, by: Partial<CelResource>): Value {
  if (check instanceof ResourceCheckValue)
    return new ResourceCheckValue(check.authorizer, { ...check.resource, ...by });
  throw noSuchOverload();
}

function checkResource(check: Value, verb: Value): Value {
  if (!(check instanceof ResourceCheckValue)) throw noSuchOverload();
  return check.authorizer.check({ verb: asText(verb), resource: check.resource });
}

function checkPath(check: Value, verb: Value): Value {
  if (!(check instanceof PathCheckValue)) throw noSuchOverload();
  return check.authorizer.check({ verb: asText(verb), path: check.path });
}

const [authorizer, resourceCheck, decision] = ["Authorizer", "ResourceCheck", "Decision"].map(
  (name) => `kubernetes.authorization.${name}`,
);

const narrowed: readonly Declaration[] = [
  declare(`${resourceCheck}.subresource(string): ${resourceCheck}`, (a, b) => narrow(a, { subresource: asText(b) })),
  declare(`${resourceCheck}.namespace(string): ${resourceCheck}`, (a, b) => narrow(a, { namespace: asText(b) })),
  declare(`${resourceCheck}.name(string): ${resourceCheck}`, (a, b) => narrow(a, { name: asText(b) })),
  declare(
    `${resourceCheck}.fieldSelector(string): ${resourceCheck}`,
    (a, b) => narrow(a, { fieldSelector: asText(b) }),
    selecting,
  ),
  declare(
    `${resourceCheck}.labelSelector(string): ${resourceCheck}`,
    (a, b) => narrow(a, { labelSelector: asText(b) }),
    selecting,
  ),
];

export const authorization: readonly Declaration[] = [
  declare(
    `${authorizer}.path(string): kubernetes.authorization.PathCheck`,
    (a, b) => new PathCheckValue(asAuthorizer(a), filled(asText(b), "path")),
  ),
  declare(
    `${authorizer}.group(string): kubernetes.authorization.GroupCheck`,
    (a, b) => new GroupCheckValue(asAuthorizer(a), asText(b)),
  ),
  declare(`${authorizer}.serviceAccount(string, string): ${authorizer}`, serviceAccount),
  declare(`kubernetes.authorization.GroupCheck.resource(string): ${resourceCheck}`, resourceOf),
  ...narrowed,
  declare(`kubernetes.authorization.PathCheck.check(string): ${decision}`, checkPath, checking),
  declare(`${resourceCheck}.check(string): ${decision}`, checkResource, checking),
  declare(`${decision}.allowed(): bool`, (a) => decisionOf(a).decision === "allow"),
  declare(`${decision}.reason(): string`, (a) => decisionOf(a).reason ?? ""),
  declare(`${decision}.errored(): bool`, (a) => decisionOf(a).error !== undefined),
  declare(`${decision}.error(): string`, (a) => decisionOf(a).error ?? ""),
];
