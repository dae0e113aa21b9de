import type { NodeContext } from "./node-context.ts";
import type { AnyPod, Failure, ResizeCondition } from "./observed.ts";
import { lackOf, type Requests, requestsOf } from "./admission.ts";
import { resized, type Resources, resourcesOf, resourceSummary, withResources } from "./resize.ts";

/** What the containers of a pod have been given, while that is not what the spec says. https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ */
export class PodResize {
  readonly #context: NodeContext;
  readonly #uid: string;
  #given: ReadonlyMap<string, Resources> | undefined;
  #condition: ResizeCondition | undefined;

  constructor(uid: string, context: NodeContext) {
    this.#uid = uid;
    this.#context = context;
  }

  get given(): ReadonlyMap<string, Resources> | undefined {
    return this.#given;
  }

  get condition(): ResizeCondition | undefined {
    return this.#condition;
  }

  /** The spec was changed from what `before` has: perhaps its resources. */
  respecified(before: AnyPod): void {
    this.#given ??= resourcesOf(before);
  }

  /** Gives the pod what it wants if there is room. Answers the containers that must be restarted to have it. */
  attempt(pod: AnyPod): readonly string[] {
    if (this.#given === undefined) return [];
    const { allotment, tell } = this.#context;
    const changes = resized(pod, this.#given);
    const requests = requestsOf(pod);
    allotment.waiting.delete(this.#uid);
    const lack = changes.length === 0 ? undefined : this.#lackFor(pod, requests, this.#given);
    if (lack !== undefined) {
      this.#defer(pod, lack.message);
      return [];
    }
    this.#given = undefined;
    this.#condition = undefined;
    allotment.give(this.#uid, requests);
    if (changes.length === 0) return [];
    tell?.(pod, { type: "Normal", reason: "ResizeStarted", message: `Pod resize started: ${resourceSummary(pod)}` });
    tell?.(pod, {
      type: "Normal",
      reason: "ResizeCompleted",
      message: `Pod resize completed: ${resourceSummary(pod)}`,
    });
    return changes.filter(({ needsRestart }) => needsRestart).map(({ name }) => name);
  }

  #defer(pod: AnyPod, why: string): void {
    const { allotment, tell } = this.#context;
    allotment.waiting.add(this.#uid);
    if (this.#condition?.message === why) return;
    this.#condition = { type: "PodResizePending", reason: "Deferred", message: why };
    const message = `Pod resize Deferred: ${resourceSummary(pod, why)}`;
    tell?.(pod, { type: "Warning", reason: "ResizeDeferred", message });
  }

  /** What it has it need not ask for. */
  #lackFor(pod: AnyPod, requests: Requests, given: ReadonlyMap<string, Resources>): Failure | undefined {
    const { allotment, node } = this.#context;
    const own = requestsOf(withResources(pod, given));
    const used = (resource: string): bigint => allotment.used(resource) - (own.get(resource)?.nano ?? 0n);
    return lackOf(node(), { pods: allotment.pods - 1, used }, requests);
  }
}
