import type { Controller } from "../../controllers/controller.ts";
import { serviceAccountController } from "../../controllers/serviceaccount/serviceaccount-controller.ts";
import type { AdmissionOptions } from "../../server/admission/create-chain.ts";

const plugin = "ServiceAccount";

/** Where nothing makes `default` accounts, no pod can have one: there the plugin is asked for, or it is off. */
export function serviceAccountAdmission(
  options: AdmissionOptions,
  controllers: readonly Controller[],
): AdmissionOptions {
  if (controllers.includes(serviceAccountController) || options.enable?.includes(plugin) === true) return options;
  return { ...options, disable: [...(options.disable ?? []), plugin] };
}
