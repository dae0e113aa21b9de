import { encodeJson, parseJson } from "../../api/machinery/json.ts";
import { isObject } from "../../api/machinery/members.ts";
import type { JsonObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { ObjectReader } from "../admission/object-reader.ts";
import { createServiceResolver, type Endpoint, type ResolveService } from "../extensions/service-resolver.ts";
import { Connections } from "./connections.ts";
import { describeNetworkError } from "./network-error.ts";
import { post, type PostAnswer } from "./post.ts";
import { describeRefusal } from "./refused-answer.ts";
import { WebhookError, type CallWebhook, type WebhookCall, type WebhookTarget } from "./webhook.ts";
import { webhookUrl, type WebhookUrl } from "./webhook-url.ts";

export interface WebhookClientDeps {
  /** Services and their endpoints. */
  readonly reader: ObjectReader;
  readonly random: Random;
  /** Real time. */
  readonly timers: Clock;
  /** Closes the idle connections. */
  readonly signal: AbortSignal;
}

/** Upstream sets none. Room for a list that was converted, five times over what one request may hold. */
const maxAnswerBytes = 16 * 1024 * 1024;
const limits = { perPeer: 64, idlePerPeer: 8, idleMs: 90_000, peers: 100 } as const;

/** The one client for admission, conversion, authentication and authorization webhooks. */
export function createWebhookClient(deps: WebhookClientDeps): CallWebhook {
  const connections = new Connections(limits);
  const resolve = createServiceResolver(deps);
  deps.signal.addEventListener("abort", () => connections.close(), { once: true });
  return async (target, review, call) => {
    const url = webhookUrl(target, call.query);
    const answer = await withinTime(call, deps.timers, url, (signal) =>
      send({ target, url, review, signal }, connections, resolve),
    );
    if (answer.status < 200 || answer.status > 206)
      throw new WebhookError(describeRefusal(answer.status, answer.body), { isTransient: mayRecover(answer) });
    return parsed(answer.body);
  };
}

const passing: readonly number[] = [429, 500, 504];

function mayRecover({ status, hasRetryAfter }: PostAnswer): boolean {
  return passing.includes(status) || (status >= 500 && hasRetryAfter);
}

interface Sending {
  readonly target: WebhookTarget;
  readonly url: WebhookUrl;
  readonly review: JsonObject;
  readonly signal: AbortSignal;
}

async function send(
  { target, url, review, signal }: Sending,
  connections: Connections,
  resolve: ResolveService,
): Promise<PostAnswer> {
  const endpoint = await endpointOf(target, url, resolve);
  const { caBundle, serverName = url.host, insecure = false, client, authorization } = target;
  const agent = connections.agent(endpoint, { serverName, caBundle, insecure, ...(client && { client }) });
  const headers = {
    ...(authorization === undefined ? {} : { authorization: await authorization() }),
    host: url.authority,
    "content-type": "application/json",
    accept: "application/json, */*",
    "user-agent": "kube-apiserver-admission",
  };
  return post({ endpoint, agent, path: url.path, headers, body: encodeJson(review), maxAnswerBytes, signal });
}

async function endpointOf({ service }: WebhookTarget, url: WebhookUrl, resolve: ResolveService): Promise<Endpoint> {
  return service === undefined ? { host: url.host, port: url.port } : resolve({ port: 443, ...service });
}

/** Gives up when the call's time is over, or its caller. */
async function withinTime(
  { timeoutMs, signal }: WebhookCall,
  timers: Clock,
  url: WebhookUrl,
  work: (signal: AbortSignal) => Promise<PostAnswer>,
): Promise<PostAnswer> {
  const controller = new AbortController();
  let timedOut = false;
  const cancel = timers.after(timeoutMs, () => {
    timedOut = true;
    controller.abort();
  });
  const leave = (): void => controller.abort();
  signal.addEventListener("abort", leave, { once: true });
  try {
    if (signal.aborted) leave();
    return await work(controller.signal);
  } catch (thrown) {
    const why = reasonOf(thrown, timedOut, controller.signal.aborted);
    const isTransient = isObject(thrown) && thrown["code"] === "ECONNRESET";
    throw new WebhookError(`Post ${JSON.stringify(url.text)}: ${why}`, { cause: thrown, timedOut, isTransient });
  } finally {
    cancel();
    signal.removeEventListener("abort", leave);
  }
}

function reasonOf(thrown: unknown, timedOut: boolean, aborted: boolean): string {
  if (timedOut) return "context deadline exceeded";
  if (aborted) return "context canceled";
  return thrown instanceof ApiError ? thrown.message : describeNetworkError(thrown);
}

/** Whatever the answer says its type is: Go's servers call JSON plain text unless they are told better. */
function parsed(body: Buffer): JsonObject {
  const failed = (why: string, cause?: unknown): WebhookError =>
    new WebhookError(`couldn't get version/kind; json parse error: ${why}`, { cause });
  try {
    const { value } = parseJson(body, { duplicates: true });
    if (isObject(value)) return value;
  } catch (thrown) {
    throw failed(thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
  throw failed("the answer is no object");
}
