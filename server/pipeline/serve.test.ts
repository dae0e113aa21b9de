import { describe, expect, it } from "vitest";
import { silentLogger } from "../../base/log.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import type { Store } from "../../storage/store.ts";
import { configMap, configMaps, settled, startTrial, type Trial } from "../trial.testing.ts";

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

  it("is nothing but health, version and discovery for those whom nobody knows", async () => {
    await using trial = await startTrial();
    for (const url of ["/healthz", "/livez", "/readyz", "/version"])
      expect([url, (await trial.send("GET", url, { user: nobody })).status]).toEqual([url, 200]);
    for (const url of [
      "/api/v1/namespaces",
      "/metrics",
      "/api/v1/namespaces/default/secrets/x",
      "/apis/apps/v1/deployments?watch=1",
    ])
      expect([url, (await trial.send("GET", url, { user: nobody })).status]).toEqual([url, 403]);
    expect((await trial.send("GET", "/healthz/../metrics", { user: nobody })).status).toBe(404);
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
  it("are refused with 429 and when to come again, except from masters, and only until there is room", async () => {
    const { store, hold, release } = await held();
    await using trial = await startTrial({ store, inFlight: { readOnly: 2, mutating: 1 } });
    hold();
    // These fill the places, and wait for the store.
    const reads = [trial.send("GET", configMaps), trial.send("GET", configMaps)];
    const write = trial.send("POST", configMaps, { body: configMap("a") });
    await settled();
    const refused = await trial.send("GET", "/api/v1/namespaces/default/pods", { user: jane });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "1"]);
    expect(JSON.parse(refused.bytes.toString())).toMatchObject({
      reason: "TooManyRequests",
      message: "Too many requests, please try again later.",
      details: { retryAfterSeconds: 1 },
    });
    expect((await trial.send("DELETE", `${configMaps}/x`, { user: jane })).status).toBe(429);
    expect((await trial.send("GET", "/version")).status).toBe(200);
    release();
    expect((await Promise.all([...reads, write])).map(({ status }) => status)).toEqual([200, 200, 201]);
    // Room again: now it is authorization that refuses.
    expect((await trial.send("GET", configMaps, { user: jane })).status).toBe(403);
    expect((await trial.send("DELETE", `${configMaps}/x`, { user: jane })).status).toBe(403);
  });

  it("are not those that watch", async () => {
    await using trial = await startTrial({ inFlight: { readOnly: 1, mutating: 1 } });
    for (let index = 0; index < 5; index += 1) await trial.watch(`${configMaps}?watch=1`);
    expect((await trial.send("GET", "/version", { user: jane })).status).toBe(200);
  });
});

describe("every answer", () => {
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
