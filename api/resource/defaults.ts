/** Defaults of the resource group: dynamic resource allocation. */
import { textAt } from "../machinery/members.ts";
import { formatTime } from "../machinery/time.ts";
import type { DefaultRule, DefaultRules } from "../schema/default.ts";

const request: DefaultRule = (value, set) => {
  set.ifZero(value, "allocationMode", "ExactCount");
  if (textAt(value, "allocationMode") === "ExactCount") set.ifZero(value, "count", 1);
};

export const resourceDefaults: DefaultRules = {
  "io.k8s.api.resource.v1.ExactDeviceRequest": request,
  "io.k8s.api.resource.v1.DeviceSubRequest": request,
  "io.k8s.api.resource.v1.DeviceTaint": (taint, set) => {
    set.ifUnset(taint, "timeAdded", formatTime(set.now()));
  },
  "io.k8s.api.resource.v1.DeviceToleration": (toleration, set) => set.ifZero(toleration, "operator", "Equal"),
};
