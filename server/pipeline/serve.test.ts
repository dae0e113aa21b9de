import { describe, expect, it } from "vitest";
import { allowed } from "../../auth/authz/authorizer.ts";
import type { ApiRequest, UserInfo } from "../../api/wire.ts";
import { silentLogger } from "../../base/log.ts";
import { systemRandom } from "../../base/random.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import type { Store } from "../../storage/store.ts";
import { createInFlightLimit } from "../flow-control/in-flight-limit.ts";
import { configMaps, parsed, settled, startTrial, type Trial } from "../trial.testing.ts";
import { createServe } from "./serve.ts";

const jane = { name: "jane", groups: ["system:authenticated"] };
const nobody = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** A store whose reads wait until a test lets them go. */
async function held(): Promise<{ store: Store; hold(): void; release(): void }> {
  const store = await openMemoryStore();
  const { revision } = store;
  let gate = Promise.resolve();
  let release = (): void => {};
  store.revision = async () => {
    await gate;
    return revision.call(store);
  };
  return { store, hold: () => void (gate = new Promise((resolve) => (release = resolve))), release: () => release() };
}

describe("who may do what", () => {
  it("is told in upstream's words", async () => {
    await using trial = await startTrial();
    const message = async (method: "GET" | "POST" | "DELETE", url: string): Promise<unknown> => {
      const answer = await trial.send(method, url, { user: jane, ...(method === "POST" ? { body: {} } : {}) });
      return [answer.status, JSON.parse(answer.bytes.toString())];
    };
    const refused = (text: string, details: object): unknown => [
      403,
      {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: text,
        reason: "Forbidden",
        details,
        code: 403,
      },
    ];
    expect(await message("GET", "/api/v1/namespaces/default/pods")).toEqual(
      refused('pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"', {
        kind: "pods",
      }),
    );
    expect(await message("DELETE", "/apis/apps/v1/namespaces/default/deployments/d")).toEqual(
      refused(
        'deployments.apps "d" is forbidden: User "jane" cannot delete resource "deployments" in API group "apps" in the namespace "default"',
        { name: "d", group: "apps", kind: "deployments" },
      ),
    );
    expect(await message("GET", "/api/v1/nodes/n/status")).toEqual(
      refused(
        'nodes "n" is forbidden: User "jane" cannot get resource "nodes/status" in API group "" at the cluster scope',
        { name: "n", kind: "nodes" },
      ),
    );
    expect(await message("GET", "/metrics")).toEqual(refused('forbidden: User "jane" cannot get path "/metrics"', {}));
  });

  it("is nothing for those whom nobody knows, where no role says otherwise", async () => {
    await using trial = await startTrial();
    for (const url of [
      "/healthz",
      "/version",
      "/apis",
      "/api/v1/namespaces",
      "/metrics",
      "/api/v1/namespaces/default/secrets/x",
      "/apis/apps/v1/deployments?watch=1",
    ])
      expect([url, (await trial.send("GET", url, { user: nobody })).status]).toEqual([url, 403]);
    expect((await trial.send("GET", "/healthz/../metrics", { user: nobody })).status).toBe(403);
    const answer = await trial.transport({
      method: "GET",
      url: "/api/v1/namespaces",
      headers: {},
      signal: new AbortController().signal,
      peer: { address: "" },
    });
    expect(answer.status).toBe(403);
  });

  it("is what the impersonated one may", async () => {
    await using trial = await startTrial();
    const answer = await trial.send("GET", configMaps, { headers: { "impersonate-user": "jane" } });
    expect([answer.status, answer.bytes.toString()]).toEqual([
      403,
      expect.stringContaining('User \\"jane\\" cannot list'),
    ]);
    expect(
      (
        await trial.send("GET", configMaps, {
          headers: { "impersonate-user": "x", "impersonate-group": "system:masters" },
        })
      ).status,
    ).toBe(200);
    expect(
      (
        await trial.send("GET", configMaps, {
          user: jane,
          headers: { "impersonate-user": "x", "impersonate-group": "system:masters" },
        })
      ).status,
    ).toBe(403);
  });
});

describe("too many requests at a time", () => {
  const configMapsOf = (method: string, user: UserInfo, signal = new AbortController().signal): ApiRequest => ({
    method,
    url: configMaps,
    headers: {},
    signal,
    peer: { address: "", user },
  });

  it("are refused with 429 and when to come again, except from masters, and only until there is room", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const serve = createServe({
      authenticators: [],
      authorizer: () => allowed,
      flowControl: createInFlightLimit({ readOnly: 2, mutating: 1 }),
      deadline: { requestTimeout: 60_000, timers: new ManualClock(0) },
      observe: { started: () => () => undefined },
      random: systemRandom,
      log: silentLogger,
      async dispatch() {
        await gate;
        return { status: 200, headers: {}, body: { type: "bytes", bytes: new Uint8Array() } };
      },
    });
    // These fill the places, and wait.
    const waiting = ["GET", "GET", "POST"].map((method) => serve(configMapsOf(method, jane)));
    await settled();
    const refused = await serve(configMapsOf("GET", jane));
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "1"]);
    expect(refused.body.type === "bytes" && parsed(refused.body.bytes)).toMatchObject({
      reason: "TooManyRequests",
      message: "Too many requests, please try again later.",
      details: { retryAfterSeconds: 1 },
    });
    expect((await serve(configMapsOf("DELETE", jane))).status).toBe(429);
    const master = serve(configMapsOf("GET", { name: "admin", groups: ["system:masters"] }));
    release();
    expect((await Promise.all([...waiting, master])).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await serve(configMapsOf("GET", jane))).status).toBe(200);
  });

  it("are not those that watch", async () => {
    await using trial = await startTrial({ inFlight: { readOnly: 1, mutating: 1 } });
    for (let index = 0; index < 5; index += 1) await trial.watch(`${configMaps}?watch=1`);
    expect((await trial.send("GET", "/version")).status).toBe(200);
  });
});

it("a request that takes too long is answered all the same", async () => {
  const { store, hold, release } = await held();
  await using trial = await startTrial({ store });
  hold();
  const answer = trial.send("GET", `${configMaps}?timeout=2s`);
  await settled();
  trial.timers.advance(2000);
  const { status, bytes } = await answer;
  expect([status, parsed(bytes)]).toEqual([
    504,
    expect.objectContaining({
      reason: "Timeout",
      message: "Timeout: request did not complete within the allotted timeout",
    }),
  ]);
  release();
  expect((await trial.send("GET", `${configMaps}?timeout=soon`)).status).toBe(400);
});

describe("every answer", () => {
  it("says by which schema and level it was let in, also when it is a refusal", async () => {
    await using trial = await startTrial();
    for (const url of [configMaps, "/api/v1/namespaces/none/pods/none", "/version"])
      expect((await trial.send("GET", url, { user: jane })).headers).toMatchObject({
        "x-kubernetes-pf-flowschema-uid": expect.any(String),
        "x-kubernetes-pf-prioritylevel-uid": expect.any(String),
      });
  });

  it("has an audit id: the caller's, or one of ours", async () => {
    await using trial = await startTrial();
    expect((await trial.send("GET", configMaps, { headers: { "audit-id": "mine" } })).headers["audit-id"]).toBe("mine");
    expect((await trial.send("GET", "/nowhere")).headers["audit-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(
      String((await trial.send("GET", configMaps, { headers: { "audit-id": "x".repeat(200) } })).headers["audit-id"]),
    ).toHaveLength(64);
  });

  it("says no more of our own failures than that there was one, and tells the log", async () => {
    const store = await openMemoryStore();
    const told: unknown[] = [];
    await using trial = await startTrial({ store, log: { ...silentLogger, error: (...said) => void told.push(said) } });
    store.revision = () => Promise.reject(new Error("secret path /etc/x"));
    const answer = await trial.send("GET", configMaps);
    expect([answer.status, answer.bytes.toString()]).toEqual([500, expect.not.stringContaining("secret")]);
    expect(told).toHaveLength(1);
    // Nobody is there to be told, and it is nobody's fault.
    await trial.send("GET", configMaps, { signal: AbortSignal.abort() });
    expect(told).toHaveLength(1);
  });

  it("is in a form that the client reads, also when it is a refusal", async () => {
    await using trial = await startTrial();
    const refusal = async (accept: string): Promise<string> => {
      const { headers, bytes } = await trial.send("GET", `${configMaps}/none`, { headers: { accept } });
      return `${String(headers["content-type"])} ${bytes.subarray(0, 4).toString()}`;
    };
    expect(await refusal("application/vnd.kubernetes.protobuf,application/json")).toBe(
      "application/vnd.kubernetes.protobuf k8s\0",
    );
    expect(await refusal("application/yaml")).toBe("application/yaml apiV");
    expect(await refusal("application/json;as=Table;v=v1;g=meta.k8s.io")).toBe('application/json {"ki');
    expect(await refusal("image/png")).toBe('application/json {"ki');
  });

  it("to HEAD is that of GET", async () => {
    await using trial: Trial = await startTrial();
    expect((await trial.send("HEAD", "/api/v1/namespaces/default")).status).toBe(200);
    expect((await trial.send("HEAD", `${configMaps}/none`)).status).toBe(404);
  });
});
