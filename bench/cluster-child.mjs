/** The process of a ClusterProcess: nothing in it but a cluster of the built library, made by the first message. */
process.once("message", async ({ library, options }) => {
  const { createCluster } = await import(library);
  const cluster = await createCluster(options);
  process.once("SIGTERM", async () => {
    await cluster[Symbol.asyncDispose]();
    process.disconnect();
  });
  process.send?.({ kubeconfig: cluster.kubeconfig });
});
