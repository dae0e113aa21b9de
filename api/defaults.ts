/** The one list of defaulting rules, by type: of all group-versions that are on by default. */
import { admissionregistrationDefaults } from "./admissionregistration/defaults.ts";
import { apiextensionsDefaults } from "./apiextensions/defaults.ts";
import { apiregistrationDefaults } from "./apiregistration/defaults.ts";
import { appsDefaults } from "./apps/defaults.ts";
import { authenticationDefaults } from "./authentication/defaults.ts";
import { autoscalingDefaults } from "./autoscaling/defaults.ts";
import { batchDefaults } from "./batch/defaults.ts";
import { coreDefaults } from "./core/defaults.ts";
import { discoveryDefaults } from "./discovery/defaults.ts";
import { flowcontrolDefaults } from "./flowcontrol/defaults.ts";
import { networkingDefaults } from "./networking/defaults.ts";
import { rbacDefaults } from "./rbac/defaults.ts";
import { resourceDefaults } from "./resource/defaults.ts";
import { schedulingDefaults } from "./scheduling/defaults.ts";
import type { DefaultRules } from "./schema/default.ts";
import { storageDefaults } from "./storage/defaults.ts";

export const defaultRules: DefaultRules = {
  ...coreDefaults,
  ...appsDefaults,
  ...batchDefaults,
  ...autoscalingDefaults,
  ...networkingDefaults,
  ...rbacDefaults,
  ...storageDefaults,
  ...discoveryDefaults,
  ...admissionregistrationDefaults,
  ...schedulingDefaults,
  ...flowcontrolDefaults,
  ...resourceDefaults,
  ...authenticationDefaults,
  ...apiextensionsDefaults,
  ...apiregistrationDefaults,
};
