/** Defaults of the resource group: dynamic resource allocation. */
import type { DefaultRule, DefaultRules } from "../schema/default.ts";
import { textAt } from "../schema/members.ts";

const request: DefaultRule = (value, set) => {
  set.ifZero(value, "allocationMode", "ExactCount");
  if (textAt(value, "allocationMode") === "ExactCount") set.ifZero(value, "count", 1);
};

export const resourceDefaults: DefaultRules = {
  "io.k8s.api.resource.v1.ExactDeviceRequest": request,
  "io.k8s.api.resource.v1.DeviceSubRequest": request,
  "io.k8s.api.resource.v1.DeviceTaint": (taint, set) => {
    set.ifUnset(taint, "timeAdded", `${new Date(set.now()).toISOString().slice(0, 19)}Z`);
  },
  "io.k8s.api.resource.v1.DeviceToleration": (toleration, set) => set.ifZero(toleration, "operator", "Equal"),
};
