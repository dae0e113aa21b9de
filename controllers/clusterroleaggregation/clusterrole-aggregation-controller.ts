import { deepEqual } from "../../api/machinery/equal.ts";
import { clusterRoles } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { aggregatedRules } from "./aggregated-rules.ts";

const name = "clusterrole-aggregation-controller";

/** Writes the rules of roles that are put together from others: `admin`, `edit` and `view` among them. */
export const clusterRoleAggregationController: Controller = {
  name,
  start({ client, informers, reconciler }) {
    const roles = informers.of(clusterRoles);
    const queue = reconciler({
      async reconcile(key) {
        const role = roles.get(key);
        if (role?.aggregationRule === undefined) return;
        const rules = aggregatedRules(role, roles.list());
        if (deepEqual(rules, role.rules ?? [])) return;
        const { apiVersion, kind } = clusterRoles;
        // Rules that others own too would stay otherwise.
        const applied = { apiVersion, kind, metadata: { name: key }, rules };
        await client.patch(clusterRoles, { name: key }, applied, { type: "apply", fieldManager: name, force: true });
      },
    });
    // Roles are few, and any may be part of any.
    const addAll = (): void => {
      for (const { metadata, aggregationRule } of roles.list())
        if (aggregationRule !== undefined) queue.add(metadata?.name ?? "");
    };
    roles.on({ added: addAll, updated: addAll, deleted: addAll });
  },
};
