import type { Json, KubeObject } from "../../../../api/machinery/object.ts";
import type { KindVersion } from "../../../encoding/kind.ts";

/** What was converted, as its new version has it: without fields that this one does not know, with its defaults. */
export function settle(object: KubeObject, to: KindVersion): KubeObject {
  const { object: settled } = to.conform(object as Json);
  to.default(settled);
  return settled;
}
