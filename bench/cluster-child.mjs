/** The process of a ClusterProcess: nothing in it but a cluster of the built library, made by the first message. */
process.once("message", async ({ library, options }) => {
  const { createCluster } = await import(library);
  const cluster = await createCluster(options);
  const end = () => cluster[Symbol.asyncDispose]();
  process.once("SIGTERM", () => process.connected && process.disconnect());
  // Also when the bench was interrupted: no cluster stays behind.
  process.once("disconnect", end);
  process.send?.({ kubeconfig: cluster.kubeconfig });
});
