import { load } from "./load.ts";
import { createPod, podBody } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";

/** Leaves a store with so many pods in a folder. */
export async function fill(folder: string, pods: number): Promise<void> {
  await using server = await ServerProcess.start({ folder, unsafeNoFsync: true });
  await load(server.target, { template: createPod, body: () => podBody, clients: 64, requests: pods });
}
