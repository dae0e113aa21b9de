/** Deployments to Ready in the cluster's own process. */
import { loadBuiltLibrary } from "./built-library.ts";
import { readyTimes } from "./ready-times.ts";
import { workApart } from "./run-apart.ts";

const administrator = { name: "bench", groups: ["system:masters", "system:authenticated"] };

await workApart(async ({ rounds }: { readonly rounds: number }) => {
  const { createCluster } = await loadBuiltLibrary();
  await using cluster = await createCluster({ nodes: 1 });
  // The cluster lasts until it is over.
  return await readyTimes(cluster.as(administrator), rounds);
});
