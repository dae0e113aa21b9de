/** Defaults of the apiextensions group. */
import { isFilled, itemsAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";

const group = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

export const apiextensionsDefaults: DefaultRules = {
  [`${group}.CustomResourceDefinition`]: customResourceDefinition,
  [`${group}.ServiceReference`]: (service, set) => set.ifUnset(service, "port", 443),
};

function customResourceDefinition(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  const names = set.within(spec, "names");
  const kind = textAt(names, "kind");
  if (kind !== "") {
    set.ifZero(names, "singular", kind.toLowerCase());
    set.ifZero(names, "listKind", `${kind}List`);
  }
  set.ifUnset(spec, "conversion", { strategy: "None" });
  const stored = itemsAt(spec, "versions").find((version) => version["storage"] === true);
  const status = set.within(object, "status");
  if (stored !== undefined && !isFilled(status["storedVersions"]))
    set.put(status, "storedVersions", [textAt(stored, "name")]);
}
