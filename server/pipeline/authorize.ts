import type { Attributes, Authorizer, Decision } from "../../auth/authz/authorizer.ts";
import { ApiError, qualified } from "../../api/machinery/status.ts";
import type { Identified, Permitted } from "./stages.ts";

/** Throws 403 Forbidden in upstream's words unless an authorizer allows the request. */
export function authorize(identified: Identified, authorizers: readonly Authorizer[]): Permitted {
  requireAllowed(attributesOf(identified), authorizers);
  return identified as Permitted;
}

export function requireAllowed(attributes: Attributes, authorizers: readonly Authorizer[]): void {
  if (decide(attributes, authorizers) !== "allow") throw forbidden(attributes);
}

/** The first opinion counts. */
export function decide(attributes: Attributes, authorizers: readonly Authorizer[]): Decision {
  for (const ask of authorizers) {
    const decision = ask(attributes);
    if (decision !== "no opinion") return decision;
  }
  return "no opinion";
}

function attributesOf({ user, target, path }: Identified): Attributes {
  if (target.type === "nonResource") return { user, verb: target.verb, path };
  const { verb, group, version, resource, subresource, namespace, name } = target;
  return { user, verb, path, resource: { group, version, resource, subresource, namespace, name } };
}

function forbidden({ user, verb, resource, path }: Attributes): ApiError {
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  if (resource === undefined)
    return new ApiError("Forbidden", `forbidden: ${who} path ${JSON.stringify(path)}`, { details: {} });
  const full = resource.subresource === "" ? resource.resource : `${resource.resource}/${resource.subresource}`;
  const where =
    resource.namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(resource.namespace)}`;
  const what = qualified({ group: resource.group, resource: resource.resource });
  const name = resource.name === "" ? "" : ` ${JSON.stringify(resource.name)}`;
  return new ApiError(
    "Forbidden",
    `${what}${name} is forbidden: ${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(resource.group)} ${where}`,
    {
      details: {
        ...(resource.name === "" ? {} : { name: resource.name }),
        ...(resource.group === "" ? {} : { group: resource.group }),
        kind: resource.resource,
      },
    },
  );
}
