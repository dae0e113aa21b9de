import type { ConfiguredAuthorizer } from "../../server/authorization/create-authorization.ts";
import type { ComponentSettings } from "../component-settings.ts";
import { OptionError } from "../option-error.ts";

type Type = ConfiguredAuthorizer["type"];

/** Throws an OptionError where a component could never do anything: it would be waited for without end. */
export function requirePermitted(
  authorizers: readonly Pick<ConfiguredAuthorizer, "type">[],
  { controllers, scheduler, nodes }: Pick<ComponentSettings, "controllers" | "scheduler" | "nodes">,
): void {
  const isAny = (types: readonly Type[]): boolean => authorizers.some(({ type }) => types.includes(type));
  const generous: readonly Type[] = ["AlwaysAllow", "RBAC", "Webhook"];
  const refused = (who: string, wanted: string): OptionError =>
    new OptionError(`authorization: nothing permits this cluster's own ${who} what they do; add ${wanted}`);
  if (controllers.length > 0 && !isAny(generous)) throw refused("controllers", "RBAC");
  if (scheduler !== undefined && !isAny(generous)) throw refused("schedulers", "RBAC");
  if (nodes > 0 && !isAny([...generous, "Node"])) throw refused("nodes", "Node");
}
