import type { Controller } from "../controller.ts";

/** The same controller, whose events are kept: `Warning Reason Kind/name: message`. */
export function recording(controller: Controller, events: string[]): Controller {
  return {
    ...controller,
    start(deps) {
      return controller.start({
        ...deps,
        events: {
          event({ kind = "", metadata }, { type, reason, message }) {
            events.push(`${type} ${reason} ${kind}/${metadata?.name ?? ""}: ${message}`);
          },
        },
      });
    },
  };
}
