import { Registry } from "prom-client";
import { encodeJson } from "../api/machinery/json.ts";
import type { KubeObject } from "../api/machinery/object.ts";
import type { Status } from "../api/machinery/status.ts";
import { registry } from "../api/registry.ts";
import { builtinSchemas } from "../api/schema/tables.ts";
import type { ApiResponse, StoredWatch, Transport, UserInfo } from "../api/wire.ts";
import type { AccountTokenSettings } from "../auth/tokens/account-token-settings.ts";
import { testTokenSettings } from "../auth/tokens/account-token-settings.testing.ts";
import { realClock, type Clock } from "../base/clock.ts";
import { silentLogger, type Logger } from "../base/log.ts";
import { systemRandom, type Random } from "../base/random.ts";
import { openMemoryStore } from "../storage/engines/memory/memory-engine.ts";
import { ManualClock } from "../storage/manual-clock.testing.ts";
import type { Store } from "../storage/store.ts";
import type { AdmissionOptions } from "./admission/create-chain.ts";
import type { Auditor } from "./audit/auditor.ts";
import type { AuthorizationOptions } from "./authorization/create-authorization.ts";
import { createServer } from "./create-server.ts";
import type { InFlightLimits } from "./flow-control/in-flight-limit.ts";

interface TrialOptions {
  readonly store?: Store;
  /** The store's values of higher revisions were written by this very build. */
  readonly ownSince?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly inFlight?: InFlightLimits;
  readonly log?: Logger;
  readonly serviceAccountTokens?: AccountTokenSettings;
  readonly admission?: AdmissionOptions;
  readonly auditor?: Auditor;
  readonly authorization?: AuthorizationOptions;
}

interface Sent {
  readonly body?: object | string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly user?: UserInfo;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: ApiResponse["headers"];
  readonly bytes: Buffer;
  /** How many pieces the body came in. */
  readonly pieces: number;
}

/** Any object, with the fields that a test looks at. */
export type Loose = KubeObject & { readonly [field: string]: unknown };
export type LooseList = Loose & { readonly items: readonly Loose[] };
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";

/** An API server over a store in memory, without a listener: the tests of this folder talk to it. */
export interface Trial extends AsyncDisposable {
  readonly store: Store;
  /** What watches end by and reads lose their patience by. */
  readonly timers: ManualClock;
  readonly transport: Transport;
  send(method: Method, url: string, sent?: Sent): Promise<Answer>;
  /** What the server answered with; fails for a refusal. */
  ok<T = Loose>(method: Method, url: string, body?: Sent["body"], headers?: Sent["headers"]): Promise<T>;
  /** The Status that the server answered with; fails for a success. */
  refusal(method: Method, url: string, body?: Sent["body"], headers?: Sent["headers"]): Promise<Status>;
  list(url: string): Promise<LooseList>;
  watch(url: string, sent?: Sent): Promise<Watching>;
  revision(): Promise<number>;
  /** Ends all watches. */
  close(): Promise<void>;
}

export interface Event {
  readonly type: string;
  readonly object: Loose;
}

/** A watch as its reader sees it. */
export interface Watching {
  readonly contentType: string;
  readonly source: StoredWatch;
  /** The next bytes, as soon as there are some; empty at the end. */
  read(): Promise<Buffer>;
  /** Waits for so many events, and fails if there are others with them. */
  next(count: number): Promise<readonly Event[]>;
  /** The events up to and with the first that fits. */
  until(fits: (event: Event) => boolean): Promise<readonly Event[]>;
  /** All events up to the end of the watch. */
  rest(): Promise<readonly Event[]>;
}

const admin: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };
export const configMaps = "/api/v1/namespaces/default/configmaps";

export function configMap(
  name: string,
  data: Record<string, string> = {},
  labels: Record<string, string> = {},
): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data };
}

/** Lets everything happen that is ready to happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export async function startTrial(options: TrialOptions = {}): Promise<Trial> {
  const store = options.store ?? (await openMemoryStore());
  const timers = new ManualClock(0);
  const server = createServer({
    store,
    ownSince: options.ownSince,
    rows: registry,
    schemas: builtinSchemas(),
    clock: options.clock ?? realClock,
    random: options.random ?? systemRandom,
    log: options.log ?? silentLogger,
    services: { families: ["IPv4"], apiServerAddress: "10.96.0.1", nodePorts: { first: 30_000, last: 32_767 } },
    openApi: () => Promise.reject(new Error("no OpenAPI here")),
    healthChecks: [],
    components: [
      { name: "etcd-0", check: () => undefined },
      { name: "scheduler", check: () => "it is asleep" },
    ],
    serverAddress: () => "127.0.0.1:6443",
    serviceAccountTokens: options.serviceAccountTokens ?? testTokenSettings(),
    // There is no controller here that would make service accounts.
    admission: options.admission ?? { disable: ["ServiceAccount"] },
    authorization: options.authorization,
    metrics: new Registry(),
    timers,
    auditor: options.auditor,
    // Those who set plain limits mean them.
    ...(options.inFlight === undefined ? {} : { inFlight: options.inFlight, priorityAndFairness: false }),
  });
  const request = (
    method: Method,
    url: string,
    { body, headers = {}, user = admin, signal }: Sent,
  ): Promise<ApiResponse> =>
    server.transport({
      method,
      url,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: bytesOf(body) }),
      signal: signal ?? new AbortController().signal,
      peer: { address: "in process", user },
    });
  const send: Trial["send"] = async (method, url, sent = {}) => answerOf(await request(method, url, sent));
  const ok = async <T>(method: Method, url: string, body?: Sent["body"], headers: Sent["headers"] = {}): Promise<T> => {
    const answer = await send(method, url, { headers, ...(body === undefined ? {} : { body }) });
    if (answer.status >= 400) throw new Error(`${method} ${url}: ${answer.bytes.toString()}`);
    return parsed<T>(answer.bytes);
  };
  if ((await store.revision()) === 0) await ok("POST", "/api/v1/namespaces", { metadata: { name: "default" } });
  return {
    store,
    timers,
    transport: server.transport,
    send,
    ok,
    async refusal(method, url, body, headers = {}) {
      const answer = await send(method, url, { headers, ...(body === undefined ? {} : { body }) });
      const status = parsed<Status>(answer.bytes);
      if (answer.status < 400 || status.kind !== "Status" || status.code !== answer.status)
        throw new Error(`${method} ${url}: ${answer.status} ${answer.bytes.toString()}`);
      return status;
    },
    list: (url) => ok<LooseList>("GET", url),
    async watch(url, sent = {}) {
      const { status, headers, body } = await request("GET", url, sent);
      if (body.type !== "watch") throw new Error(`${url}: ${status} is no watch`);
      return watching(String(headers["content-type"]), body.watch);
    },
    revision: async () => store.revision(),
    close: () => server.close(),
    async [Symbol.asyncDispose]() {
      await server.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function bytesOf(body: object | string | Uint8Array): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return typeof body === "string" ? Buffer.from(body) : encodeJson(body);
}

/** What a test names is what it expects. */
export function parsed<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes).toString()) as T;
}

async function answerOf({ status, headers, body }: ApiResponse): Promise<Answer> {
  if (body.type === "bytes") return { status, headers, bytes: Buffer.from(body.bytes), pieces: 1 };
  if (body.type !== "chunks") throw new Error(`a ${body.type} has no single answer`);
  const pieces: Uint8Array[] = [];
  for await (const piece of body.chunks) pieces.push(Buffer.from(piece));
  return { status, headers, bytes: Buffer.concat(pieces), pieces: pieces.length };
}

function watching(contentType: string, source: StoredWatch): Watching {
  const ready: Event[] = [];
  const read = async (): Promise<Buffer> => {
    for (;;) {
      const bytes = source.take(65_536);
      if (bytes !== undefined) return Buffer.from(bytes);
      if (source.ended) return Buffer.alloc(0);
      await new Promise<void>((resolve) => source.onReadable(resolve));
    }
  };
  /** False at the end. */
  const more = async (): Promise<boolean> => {
    const bytes = await read();
    for (const line of bytes.toString().split("\n")) if (line !== "") ready.push(JSON.parse(line) as Event);
    return bytes.length > 0;
  };
  return {
    contentType,
    source,
    read,
    async next(count) {
      while (ready.length < count && (await more()));
      if (ready.length !== count) throw new Error(`${count} events expected: ${JSON.stringify(ready)}`);
      return ready.splice(0);
    },
    async until(fits) {
      for (let at = 0; ; at += 1) {
        while (at >= ready.length) if (!(await more())) throw new Error(`the watch ended: ${JSON.stringify(ready)}`);
        const event = ready[at];
        if (event !== undefined && fits(event)) return ready.splice(0, at + 1);
      }
    },
    async rest() {
      while (await more());
      return ready.splice(0);
    },
  };
}
