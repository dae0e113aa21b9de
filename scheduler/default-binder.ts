import type { Plugin } from "./framework/plugin.ts";
import { names } from "./plugins/names.ts";
import type { PodWrites } from "./pod-writes.ts";

/** Writes the node into the pod, by its `binding` subresource. */
export function createDefaultBinder(writes: Pick<PodWrites, "bind">): Plugin {
  return {
    name: names.defaultBinder,
    async bind(pod, nodeName) {
      await writes.bind(pod, nodeName);
      return undefined;
    },
  };
}
