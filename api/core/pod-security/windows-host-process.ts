import { type Check, namesOf, setters, type PodLike, type Violation } from "./check.ts";

/** Windows's privileged containers. */
export const windowsHostProcess: Check = {
  id: "windowsHostProcess",
  level: "baseline",
  revisions: [{ since: 0, find }],
};

function find(pod: PodLike): Violation | undefined {
  const who = setters(
    pod.spec.securityContext?.windowsOptions?.hostProcess,
    namesOf(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess),
  );
  if (who === "") return undefined;
  return { reason: "hostProcess", detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
}
