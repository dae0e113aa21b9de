import type { Described, ResourceTarget } from "../../pipeline/stages.ts";
import type { CustomResources } from "./custom-resources.ts";

export interface LoadingGateDeps {
  readonly resources: Pick<CustomResources, "isLoaded" | "load">;
  readonly isBuiltin: (target: ResourceTarget) => boolean;
  /** Whether admission of some write may ask for kinds of any name: for parameters of policies, or for owners. */
  readonly admissionNeedsAll: () => Promise<boolean>;
}

const definitionGroup = "apiextensions.k8s.io";
const readingVerbs: ReadonlySet<string> = new Set(["get", "list", "watch"]);
/** What the server says of itself without regard to its kinds. */
const ownPath = /^\/(?:healthz|livez|readyz|version|metrics|debug)(?:\/|$)/;

/** While definitions are still being read after a start: only requests that need them wait. Undefined: this one does not. */
export function createLoadingGate({
  resources,
  isBuiltin,
  admissionNeedsAll,
}: LoadingGateDeps): (request: Pick<Described, "target" | "path">) => Promise<void> | undefined {
  return ({ target, path }) => {
    if (resources.isLoaded) return undefined;
    if (target.type === "nonResource") return ownPath.test(path) ? undefined : resources.load();
    // Definitions themselves are looked after as soon as all of them are known.
    if (target.group === definitionGroup || !isBuiltin(target)) return resources.load();
    if (readingVerbs.has(target.verb)) return undefined;
    return admissionNeedsAll().then((needs) => (needs ? resources.load() : undefined));
  };
}
