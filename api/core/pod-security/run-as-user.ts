import { type Check, exceptInUserNamespace, namesOf, setters, type PodLike, type Violation } from "./check.ts";

export const runAsUser: Check = {
  id: "runAsUser",
  level: "restricted",
  revisions: [
    { since: 23, find },
    { since: 35, find: exceptInUserNamespace(find) },
  ],
};

function find(pod: PodLike): Violation | undefined {
  const who = setters(
    pod.spec.securityContext?.runAsUser === 0,
    namesOf(pod, ({ securityContext }) => securityContext?.runAsUser === 0),
  );
  return who === "" ? undefined : { reason: "runAsUser=0", detail: `${who} must not set runAsUser=0` };
}
