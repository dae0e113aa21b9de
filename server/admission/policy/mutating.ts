import { deepClone } from "../../../api/machinery/clone.ts";
import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { forbid } from "../forbid.ts";
import { whenDecided } from "../pending-decision.ts";
import type { AdmissionPlugin, AdmissionRequest, AdmissionRound, Mutation } from "../plugin.ts";
import type { CodecOfKind } from "../webhook/apply-patch.ts";
import { createShow, type Show } from "../webhook/choose.ts";
import type { Shown } from "../webhook/review.ts";
import { takenFrom } from "../webhook/shown-version.ts";
import { createBoundPolicies } from "./bound-policies.ts";
import { conditionsHold } from "./conditions.ts";
import { exemptFromPolicies } from "./exempt.ts";
import type { Inputs } from "./evaluation.ts";
import { createRequestInputs, type RequestInputs } from "./inputs.ts";
import { findInvocations, namespaceFor, type Found, type Invocation } from "./invocations.ts";
import { compileMutating, type MutatingPolicy } from "./mutating-policy.ts";
import { mutated, MutationFailure } from "./mutation.ts";
import type { PolicyDeps } from "./validating.ts";

export interface MutatingPolicyDeps extends PolicyDeps {
  /** The codec of a subresource's own kind, such as Scale or Binding. */
  readonly codecOf: CodecOfKind;
}

/** Who has to be asked again, from one round to the next. */
interface Reinvocation {
  /** To be asked again, should somebody change the object now. */
  readonly asked: Set<string>;
  /** Somebody has. */
  readonly again: Set<string>;
  /** What the policies left in the first round. */
  left: DeepReadonly<KubeObject> | undefined;
}

/** One request on its way through the policies, in one round. */
interface Walk {
  readonly request: AdmissionRequest;
  readonly round: AdmissionRound;
  readonly memory: Reinvocation;
  readonly inputs: RequestInputs;
  readonly namespace: object | null;
  readonly codecOf: CodecOfKind;
  /** Anew after each change. */
  show: Show;
}

/** Changes requests as the MutatingAdmissionPolicies say that are bound, one after the other. */
export function mutatingAdmissionPolicy(deps: MutatingPolicyDeps): AdmissionPlugin {
  const resources = {
    policies: "mutatingadmissionpolicies.admissionregistration.k8s.io",
    bindings: "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  };
  const bound = createBoundPolicies(resources, compileMutating, deps.reader);
  const self: AdmissionPlugin = {
    name: "MutatingAdmissionPolicy",
    async mutate(request, round) {
      if (request.operation === "DELETE" || exemptFromPolicies(request)) return "unchanged";
      const policies = await bound();
      if (policies.length === 0) return "unchanged";
      const found = await findInvocations(policies, request, deps);
      if (found.length === 0) return "unchanged";
      // Nobody else writes under this key.
      const memory = (round.memory.get(self) as Reinvocation | undefined) ?? newReinvocation();
      round.memory.set(self, memory);
      const namespace = await namespaceFor(found, request, deps);
      const inputs = createRequestInputs(request, deps.authorize);
      const { codecOf } = deps;
      return walk(found, { request, round, memory, inputs, namespace, codecOf, show: createShow(request) });
    },
  };
  return self;
}

function newReinvocation(): Reinvocation {
  return { asked: new Set(), again: new Set(), left: undefined };
}

/** Something that a policy that fails closed could not do. */
interface Failure {
  readonly message: string;
  readonly reason: "Forbidden" | "Invalid";
}

async function walk(found: readonly Found<MutatingPolicy>[], walked: Walk): Promise<Mutation> {
  const { request, round, memory } = walked;
  const failures: Failure[] = [];
  // Other plugins have changed what the policies left: then all that may be asked again are.
  if (round.again && !semanticEqual(memory.left, request.object)) askAgain(memory);
  let mutation: Mutation = "unchanged";
  // What is wrong with policies is told before what went wrong in them.
  for (const one of found)
    if ("problem" in one) fail(failures, one.policy, one.binding?.name, { message: one.problem, reason: "Forbidden" });
  for (const one of found) if (!("problem" in one) && (await invoke(one, walked, failures))) mutation = "changed";
  if (memory.asked.size > 0 || memory.again.size > 0) memory.left = deepClone<KubeObject>(request.object ?? {});
  if (failures.length > 0) throw refusal(request, failures);
  return mutation;
}

function fail(
  failures: Failure[],
  policy: MutatingPolicy,
  binding: string | undefined,
  { message, reason }: Failure,
): void {
  if (policy.failsOpen) return;
  const by = binding === undefined ? JSON.stringify(policy.name) : `'${policy.name}' with binding '${binding}'`;
  failures.push({ message: `policy ${by} denied request: ${message}`, reason });
}

/** The first failure gives message and reason, not the code. */
function refusal(request: AdmissionRequest, failures: readonly Failure[]): ApiError {
  const causes = failures.map(({ message }) => ({ message }));
  const [first] = failures;
  const { details, code, message } = forbid(request, "admission request denied by policy", causes);
  return new ApiError(first?.reason ?? "Forbidden", first?.message ?? message, { details, code });
}

/** Whether the object was changed. */
async function invoke(one: Invocation<MutatingPolicy>, walked: Walk, failures: Failure[]): Promise<boolean> {
  const { policy, binding, params, version } = one;
  const { round, memory } = walked;
  const shown = await walked.show(version);
  const matched = await whenDecided(() => conditionsHold(policy, () => inputsOf(shown, one, walked)));
  if (matched === false) return false;
  if (matched !== true) {
    fail(failures, policy, binding.name, { message: matched.problem, reason: "Invalid" });
    return false;
  }
  const key = JSON.stringify([policy.name, binding.name, params?.metadata?.namespace, params?.metadata?.name]);
  if (round.again && !memory.again.has(key)) return false;
  const before = { ...shown.object };
  const after = await mutateAll(one, walked, failures);
  const isChanged = after !== undefined && !semanticEqual(before, after);
  if (isChanged) {
    askAgain(memory);
    round.repeat();
  }
  if (policy.isReinvoked) memory.asked.add(key);
  return isChanged;
}

function inputsOf(shown: Shown, { params }: Invocation<MutatingPolicy>, { inputs, namespace }: Walk): Inputs {
  return inputs.of(shown, params, namespace, { authorized: true });
}

/** Each mutation sees what the one before left; one that cannot be made is passed over, and told. */
async function mutateAll(
  one: Invocation<MutatingPolicy>,
  walked: Walk,
  failures: Failure[],
): Promise<DeepReadonly<KubeObject> | undefined> {
  const { policy, binding, version } = one;
  const { request, codecOf } = walked;
  const context = { variables: policy.variables, codecOf };
  let shown = await walked.show(version);
  for (const mutation of policy.mutations) {
    if (shown.object === undefined) break;
    const now = shown;
    try {
      const object = await whenDecided(() => mutated(mutation, now, () => inputsOf(now, one, walked), context));
      replace(request, await takenFrom(version, object, request));
      walked.show = createShow(request);
      shown = await walked.show(version);
    } catch (thrown) {
      if (!(thrown instanceof MutationFailure)) throw thrown;
      fail(failures, policy, binding.name, { message: thrown.message, reason: "Invalid" });
    }
  }
  return shown.object;
}

function askAgain({ asked, again }: Reinvocation): void {
  for (const key of asked) again.add(key);
  asked.clear();
}

/** In place: others hold the request's object too. */
function replace({ object }: AdmissionRequest, by: KubeObject): void {
  if (object === undefined || object === by) return;
  for (const key of Object.keys(object)) delete object[key as keyof KubeObject];
  Object.assign(object, by);
}
