import type { Attributes, Authorizer, Decision } from "../../auth/authz/authorizer.ts";
import { ApiError, qualified } from "../../api/machinery/status.ts";
import type { Identified, Permitted } from "./stages.ts";

/** Throws 403 Forbidden in upstream's words unless the authorizer allows the request. */
export function authorize(identified: Identified, authorizer: Authorizer): Permitted | Promise<Permitted> {
  const waiting = requireAllowed(attributesOf(identified), authorizer);
  return waiting === undefined ? (identified as Permitted) : waiting.then(() => identified as Permitted);
}

/** A promise only where the decision has to be waited for. */
export function requireAllowed(attributes: Attributes, authorizer: Authorizer): undefined | Promise<void> {
  const decision = authorizer(attributes);
  if (decision instanceof Promise) return decision.then((made) => judge(made, attributes));
  judge(decision, attributes);
  return undefined;
}

function judge({ opinion, reason }: Decision, attributes: Attributes): void {
  if (opinion !== "allow") throw forbidden(attributes, reason);
}

function attributesOf({ user, target, path }: Identified): Attributes {
  if (target.type === "nonResource") return { user, verb: target.verb, path };
  const { verb, group, version, resource, subresource, namespace, name } = target;
  return { user, verb, path, resource: { group, version, resource, subresource, namespace, name } };
}

function forbidden({ user, verb, resource, path }: Attributes, reason: string): ApiError {
  const why = reason === "" ? "" : `: ${reason}`;
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  if (resource === undefined)
    return new ApiError("Forbidden", `forbidden: ${who} path ${JSON.stringify(path)}${why}`, { details: {} });
  const full = resource.subresource === "" ? resource.resource : `${resource.resource}/${resource.subresource}`;
  const where =
    resource.namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(resource.namespace)}`;
  const what = qualified({ group: resource.group, resource: resource.resource });
  const name = resource.name === "" ? "" : ` ${JSON.stringify(resource.name)}`;
  return new ApiError(
    "Forbidden",
    `${what}${name} is forbidden: ${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(resource.group)} ${where}${why}`,
    {
      details: {
        ...(resource.name === "" ? {} : { name: resource.name }),
        ...(resource.group === "" ? {} : { group: resource.group }),
        kind: resource.resource,
      },
    },
  );
}
