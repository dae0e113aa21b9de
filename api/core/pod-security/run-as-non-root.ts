import {
  type Check,
  exceptInUserNamespace,
  namedContainers,
  namesOf,
  setters,
  type PodLike,
  type Violation,
} from "./check.ts";

export const runAsNonRoot: Check = {
  id: "runAsNonRoot",
  level: "restricted",
  revisions: [
    { since: 0, find },
    { since: 35, find: exceptInUserNamespace(find) },
  ],
};

const reason = "runAsNonRoot != true";

function find(pod: PodLike): Violation | undefined {
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const refusing = setters(
    ofPod === false,
    namesOf(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false),
  );
  if (refusing !== "") return { reason, detail: `${refusing} must not set securityContext.runAsNonRoot=false` };
  if (ofPod === true) return undefined;
  const silent = namesOf(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${namedContainers(silent)} must set securityContext.runAsNonRoot=true` };
}
