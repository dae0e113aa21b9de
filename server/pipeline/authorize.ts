import type { Attributes, Authorizer, Decision } from "../../auth/authz/authorizer.ts";
import { type RequestSelectors, requestSelectors } from "../../auth/authz/request-selectors.ts";
import { exactField } from "../../api/machinery/fields.ts";
import { ApiError, qualified } from "../../api/machinery/status.ts";
import type { Identified, Permitted, ResourceTarget } from "./stages.ts";

/** Throws 403 Forbidden in upstream's words unless the authorizer allows the request. */
export function authorize(identified: Identified, authorizer: Authorizer): Permitted | Promise<Permitted> {
  const attributes = attributesOf(identified);
  const settle = (made: Decision): Permitted => {
    if (identified.trail !== undefined) noteDecision(made, identified.annotations);
    judge(made, attributes);
    return identified as Permitted;
  };
  const decision = authorizer(attributes);
  const permitted = decision instanceof Promise ? decision.then(settle) : settle(decision);
  return reachesIntoPod(identified.target) ? confirmCreate(permitted, attributes, authorizer) : permitted;
}

const intoPods: ReadonlySet<string> = new Set(["attach", "exec", "portforward"]);

function reachesIntoPod(target: Identified["target"]): boolean {
  if (target.type === "nonResource" || target.verb !== "get") return false;
  return target.group === "" && target.resource === "pods" && intoPods.has(target.subresource);
}

/**
 * A WebSocket begins with a GET, and who may read may not run anything for that.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
async function confirmCreate(
  permitted: Permitted | Promise<Permitted>,
  attributes: Attributes,
  authorizer: Authorizer,
): Promise<Permitted> {
  const result = await permitted;
  await requireAllowed({ ...attributes, verb: "create" }, authorizer);
  return result;
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/#authorization-k8s-io-decision */
function noteDecision({ opinion, reason, error }: Decision, annotations: Map<string, string>): void {
  const isAllowed = opinion === "allow";
  const isFault = !isAllowed && error !== undefined;
  if (!isFault) annotations.set("authorization.k8s.io/decision", isAllowed ? "allow" : "forbid");
  annotations.set("authorization.k8s.io/reason", isFault ? "internal error" : reason);
}

/** A promise only where the decision has to be waited for. */
export function requireAllowed(attributes: Attributes, authorizer: Authorizer): undefined | Promise<void> {
  const decision = authorizer(attributes);
  if (decision instanceof Promise) return decision.then((made) => judge(made, attributes));
  judge(decision, attributes);
  return undefined;
}

function judge({ opinion, reason, error }: Decision, attributes: Attributes): void {
  if (opinion === "allow") return;
  if (error === undefined) throw forbidden(attributes, reason);
  throw new ApiError("InternalError", `Internal Server Error: ${JSON.stringify(attributes.path)}`, { cause: error });
}

export function attributesOf({ user, target, path, query }: Identified): Attributes {
  if (target.type === "nonResource") return { user, verb: target.verb, path };
  const { verb, group, version, resource, subresource, name } = target;
  // As a namespace's own roles see it, a namespace is in itself.
  const namespace = resource === "namespaces" && group === "" ? name : target.namespace;
  const selectors = selectorsOf(target, query);
  if (selectors === undefined)
    return { user, verb, path, resource: { group, version, resource, subresource, namespace, name } };
  const only = name === "" && verb !== "deletecollection" ? onlyName(selectors) : name;
  return { user, verb, path, resource: { group, version, resource, subresource, namespace, name: only, selectors } };
}

const ofMany: readonly string[] = ["list", "watch", "deletecollection"];

function selectorsOf({ verb }: ResourceTarget, query: URLSearchParams): RequestSelectors | undefined {
  if (!ofMany.includes(verb)) return undefined;
  const fields = query.get("fieldSelector") ?? "";
  const labels = query.get("labelSelector") ?? "";
  return fields === "" && labels === "" ? undefined : requestSelectors(fields, labels);
}

/** To list or watch one object by its name needs no more than that object. */
function onlyName({ fields }: RequestSelectors): string {
  const name = exactField(fields, "metadata.name") ?? "";
  return name === "." || name === ".." || /[/%]/.test(name) ? "" : name;
}

export function forbidden({ user, verb, resource, path }: Attributes, reason: string): ApiError {
  const why = reason === "" ? "" : `: ${reason}`;
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  if (resource === undefined)
    return new ApiError("Forbidden", `forbidden: ${noMarkup(`${who} path ${JSON.stringify(path)}`)}${why}`, {
      details: {},
    });
  const full = resource.subresource === "" ? resource.resource : `${resource.resource}/${resource.subresource}`;
  const where =
    resource.namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(resource.namespace)}`;
  const what = qualified({ group: resource.group, resource: resource.resource });
  const name = resource.name === "" ? "" : ` ${JSON.stringify(resource.name)}`;
  return new ApiError(
    "Forbidden",
    `${what}${name} is forbidden: ${noMarkup(`${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(resource.group)} ${where}`)}${why}`,
    {
      details: {
        ...(resource.name === "" ? {} : { name: resource.name }),
        ...(resource.group === "" ? {} : { group: resource.group }),
        kind: resource.resource,
      },
    },
  );
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Whoever shows a refusal on a page shows no markup of a stranger's. */
function noMarkup(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? character);
}
