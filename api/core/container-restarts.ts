/** Whether a container that has ended starts again. */
import type { Container, PodSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type ReadonlyContainer = DeepReadonly<Container>;

/** A rule may start all of them anew (KEP-5532), whatever they say themselves. */
export function restartsAll({ containers, initContainers = [] }: DeepReadonly<PodSpec>): boolean {
  return [...(containers ?? []), ...initContainers].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === "RestartAllContainers"),
  );
}

/** Its rules come first, then its own policy, then the pod's. */
export function mayRestart(
  container: ReadonlyContainer,
  { restartPolicy }: DeepReadonly<PodSpec>,
  exitCode: number,
): boolean {
  if (fittingRule(container, exitCode)) return true;
  switch (container.restartPolicy ?? restartPolicy ?? "Always") {
    case "Always":
      return true;
    case "OnFailure":
      return exitCode !== 0;
    default:
      return false;
  }
}

function fittingRule({ restartPolicyRules = [] }: ReadonlyContainer, exitCode: number): boolean {
  return restartPolicyRules.some(({ action, exitCodes }) => {
    if (action !== "Restart" || exitCodes === undefined) return false;
    return (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === "In");
  });
}
