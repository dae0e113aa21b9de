import type { Plugin } from "../framework/plugin.ts";
import { names } from "./names.ts";

/** The higher priority first, then who came first. */
export const prioritySort: Plugin = {
  name: names.prioritySort,
  compare: (a, b) => b.info.priority - a.info.priority || a.timestamp - b.timestamp,
};
