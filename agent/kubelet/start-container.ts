import { imageTag } from "../../api/core/image-reference.ts";
import type { Container } from "../../api/generated/types/core-v1.ts";
import { formatDuration } from "../../api/machinery/duration.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { RuntimeError, type RuntimeImage } from "../runtime/runtime.ts";
import type { NodeContext } from "./node-context.ts";
import type { AnyPod, Run } from "./observed.ts";
import { runHook } from "./run-hook.ts";

/** Why a container waits instead of running. */
export class StartFailure extends Error {
  readonly reason: string;
  /** It got as far as a run, which has ended. */
  readonly isRun: boolean;

  constructor(reason: string, message: string, isRun = false) {
    super(message);
    this.name = "StartFailure";
    this.reason = reason;
    this.isRun = isRun;
  }
}

export interface Starting {
  readonly context: NodeContext;
  readonly pod: AnyPod;
  readonly container: DeepReadonly<Container>;
  readonly sandboxId: string;
  readonly attempt: number;
  /** The pod is on its way out: nothing more is to start. */
  isEnding(): boolean;
  pulling(isPulling: boolean): void;
  /** Called as soon as it runs; with an exit when it did not get that far. */
  running(run: Run): void;
}

/** Image, container, start, postStart hook; throws a StartFailure. */
export async function startContainer(starting: Starting): Promise<void> {
  const { context, pod, container, sandboxId, attempt } = starting;
  const { runtime, tell } = context;
  const image = await ensureImage(starting);
  if (starting.isEnding()) return;
  const failed = (message: string): void =>
    tell?.(pod, { type: "Warning", reason: "Failed", message: `Error: ${message}`, container: container.name });
  const id = await attempted(
    "CreateContainerError",
    () => runtime.createContainer(sandboxId, { pod, container, image, attempt }),
    failed,
  );
  tell?.(pod, { type: "Normal", reason: "Created", message: "Container created", container: container.name });
  const run = { id, image: image.name, imageRef: image.ref, attempt };
  const isReady = container.readinessProbe === undefined;
  let startedAt: number;
  try {
    startedAt = await attempted("RunContainerError", () => runtime.startContainer(id), failed);
  } catch (thrown) {
    if (!(thrown instanceof StartFailure)) throw thrown;
    const now = context.clock.now();
    const exit = { exitCode: 128, reason: "StartError", message: thrown.message, finishedAt: now };
    starting.running({ ...run, startedAt: now, exit, isStarted: false, isReady: false });
    throw new StartFailure(thrown.reason, thrown.message, true);
  }
  tell?.(pod, { type: "Normal", reason: "Started", message: "Container started", container: container.name });
  starting.running({ ...run, startedAt, isStarted: false, isReady });
  await postStart(starting, id);
}

async function postStart({ context, pod, container }: Starting, id: string): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (hook === undefined) return;
  try {
    await runHook(hook, id, context);
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown;
    const { tell, runtime } = context;
    tell?.(pod, {
      type: "Warning",
      reason: "FailedPostStartHook",
      message: "PostStartHook failed",
      container: container.name,
    });
    tell?.(pod, { type: "Normal", reason: "Killing", message: "FailedPostStartHook", container: container.name });
    await runtime.stopContainer(id, (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000);
    throw new StartFailure("PostStartHookError", thrown.message, true);
  }
}

async function ensureImage(starting: Starting): Promise<RuntimeImage> {
  const { context, pod, container } = starting;
  const { runtime, tell } = context;
  const { image = "", imagePullPolicy = "IfNotPresent", name } = container;
  const quoted = JSON.stringify(image);
  const fail = (reason: string, message: string, event: string, said = message): never => {
    tell?.(pod, { type: "Warning", reason: event, message: said, container: name });
    tell?.(pod, { type: "Warning", reason: "Failed", message: `Error: ${reason}`, container: name });
    throw new StartFailure(reason, message);
  };
  if (imageTag(image) === "" && !image.includes("@")) {
    const why = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: invalid reference format`;
    return fail("InvalidImageName", why, "InspectFailed");
  }
  const found = imagePullPolicy === "Always" ? undefined : await runtime.imageStatus(image);
  if (found !== undefined) {
    const message = `Container image ${quoted} already present on machine and can be accessed by the pod`;
    tell?.(pod, { type: "Normal", reason: "Pulled", message, container: name });
    return found;
  }
  if (imagePullPolicy === "Never")
    return fail(
      "ErrImageNeverPull",
      `Container image ${quoted} is not present with pull policy of Never`,
      "ErrImageNeverPull",
    );
  const startedAt = context.clock.now();
  tell?.(pod, { type: "Normal", reason: "Pulling", message: `Pulling image ${quoted}`, container: name });
  starting.pulling(true);
  try {
    const pulled = await runtime.pullImage(image, { pod });
    context.imagesChanged();
    const took = formatDuration(BigInt(Math.round(context.clock.now() - startedAt)) * 1_000_000n);
    const message = `Successfully pulled image ${quoted} in ${took} (${took} including waiting). Image size: ${pulled.sizeBytes} bytes.`;
    tell?.(pod, { type: "Normal", reason: "Pulled", message, container: name });
    return pulled;
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown;
    return fail(
      thrown.reason ?? "ErrImagePull",
      thrown.message,
      "Failed",
      `Failed to pull image ${quoted}: ${thrown.message}`,
    );
  } finally {
    starting.pulling(false);
  }
}

async function attempted<T>(reason: string, work: () => Promise<T>, failed: (message: string) => void): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown;
    failed(thrown.message);
    throw new StartFailure(thrown.reason ?? reason, thrown.message);
  }
}
