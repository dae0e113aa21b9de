/** Defaults of the storage group. */
import type { DefaultRules } from "../schema/default.ts";

export const storageDefaults: DefaultRules = {
  "io.k8s.api.storage.v1.StorageClass": (object, set) => {
    set.ifUnset(object, "reclaimPolicy", "Delete");
    set.ifUnset(object, "volumeBindingMode", "Immediate");
  },
  "io.k8s.api.storage.v1.CSIDriver": (object, set) => {
    const spec = set.within(object, "spec");
    set.ifUnset(spec, "attachRequired", true);
    set.ifUnset(spec, "podInfoOnMount", false);
    set.ifUnset(spec, "storageCapacity", false);
    set.ifUnset(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    set.ifZero(spec, "volumeLifecycleModes", ["Persistent"]);
    set.ifUnset(spec, "requiresRepublish", false);
    set.ifUnset(spec, "seLinuxMount", false);
  },
};
