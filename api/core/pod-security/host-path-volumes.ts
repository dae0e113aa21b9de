import { type Check, plural, quoted, type PodLike, type Violation } from "./check.ts";

export const hostPathVolumes: Check = { id: "hostPathVolumes", level: "baseline", revisions: [{ since: 0, find }] };

function find({ spec }: PodLike): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: "hostPath volumes", detail: `${plural(names.length, "volume")} ${quoted(names)}` };
}
