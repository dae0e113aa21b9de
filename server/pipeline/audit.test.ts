import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLogger, levelOf } from "../../base/log.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { memoryAudit, type LooseEvent, type MemoryAudit } from "../audit/memory-backend.testing.ts";
import type { AuditPolicy, AuditRule } from "../audit/policy.ts";
import { configMap, configMaps, settled, startTrial, type Trial } from "../trial.testing.ts";

const jane = { name: "jane", groups: ["system:authenticated"], extra: { team: ["blue"] } };
const secrets = "/api/v1/namespaces/default/secrets";
const began = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const stamp = "2026-01-02T03:04:05.678000Z";

interface Scene extends AsyncDisposable {
  readonly trial: Trial;
  readonly audit: MemoryAudit;
  readonly clock: ManualClock;
}

async function scene(
  policy: Partial<AuditPolicy> & { level?: string; rules?: readonly AuditRule[] } = {},
): Promise<Scene> {
  const { level = "Metadata", rules = [{ level }], ...others } = policy;
  const clock = new ManualClock(began);
  const audit = memoryAudit({ rules, ...others }, clock);
  const trial = await startTrial({ clock, auditor: audit.auditor });
  audit.take();
  return { trial, audit, clock, [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose]() };
}

const stagesOf = (events: readonly LooseEvent[]): readonly string[] => events.map(({ stage }) => stage);

describe("a request", () => {
  it("is told when it comes, and when it is answered", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    const headers = {
      "user-agent": "kubectl/v1.36",
      "audit-id": "one",
      "x-forwarded-for": "10.0.0.1, nobody, 10.0.0.2",
    };
    await trial.send("POST", configMaps, {
      body: configMap("a"),
      headers,
      user: { ...jane, groups: ["system:masters"] },
    });
    const common = {
      level: "Metadata",
      auditID: "one",
      requestURI: configMaps,
      verb: "create",
      user: { username: "jane", groups: ["system:masters"], extra: { team: ["blue"] } },
      sourceIPs: ["10.0.0.1", "10.0.0.2"],
      userAgent: "kubectl/v1.36",
      requestReceivedTimestamp: stamp,
      stageTimestamp: stamp,
    };
    const place = { resource: "configmaps", namespace: "default", apiVersion: "v1" };
    expect(audit.take()).toEqual([
      { ...common, stage: "RequestReceived", objectRef: place },
      {
        ...common,
        stage: "ResponseComplete",
        objectRef: { ...place, name: "a" },
        responseStatus: { metadata: {}, code: 201 },
        annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
      },
    ]);
  });

  it("that is refused is told with the reason", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    await trial.send("GET", "/apis/apps/v1/namespaces/default/deployments/web/scale", { user: jane });
    const [, event] = audit.take();
    expect(event).toMatchObject({
      verb: "get",
      objectRef: {
        resource: "deployments",
        namespace: "default",
        name: "web",
        apiGroup: "apps",
        apiVersion: "v1",
        subresource: "scale",
      },
      responseStatus: { metadata: {}, status: "Failure", reason: "Forbidden", code: 403 },
      annotations: { "authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": expect.any(String) },
    });
    expect(event?.["responseObject"]).toBeUndefined();
  });

  it("of no resource has a path only", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    await trial.send("GET", "/version?access_token=sesame");
    const [, event] = audit.take();
    expect(event).toMatchObject({ requestURI: "/version?access_token=REDACTED", verb: "get" });
    expect(event?.["objectRef"]).toBeUndefined();
  });

  it("in another's name is told with both", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    await trial.send("GET", configMaps, { headers: { "impersonate-user": "joe", "impersonate-group": "blue" } });
    expect(audit.take()[1]).toMatchObject({
      user: { username: "admin" },
      impersonatedUser: { username: "joe", groups: expect.arrayContaining(["blue"]) },
      annotations: { "authorization.k8s.io/decision": "forbid" },
    });
  });

  it("whose sender is unknown is told once, when it is refused", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    const { status } = await trial.transport({
      method: "GET",
      url: configMaps,
      headers: { authorization: "Bearer sesame" },
      signal: new AbortController().signal,
      peer: { address: "10.0.0.9" },
    });
    expect(status).toBe(401);
    expect(audit.take()).toEqual([
      expect.objectContaining({
        stage: "ResponseStarted",
        user: {},
        sourceIPs: ["10.0.0.9"],
        responseStatus: { metadata: {}, status: "Failure", message: "Unauthorized", reason: "Unauthorized", code: 401 },
      }),
    ]);
    expect(audit.text()).not.toContain("sesame");
  });

  it("for which the server fails is told as a panic, which gives away nothing", async () => {
    const clock = new ManualClock(began);
    const audit = memoryAudit({ rules: [{ level: "Metadata" }] }, clock);
    const store = await openMemoryStore();
    await using trial = await startTrial({ store, clock, auditor: audit.auditor });
    store.revision = () => Promise.reject(new RangeError("secret path /etc/x"));
    await trial.send("GET", configMaps);
    expect(audit.take().at(-1)).toMatchObject({
      stage: "Panic",
      responseStatus: {
        status: "Failure",
        message: "APIServer panic'd: RangeError",
        reason: "InternalError",
        code: 500,
      },
    });
    expect(audit.text()).not.toContain("/etc/x");
  });

  it("has what admission notes", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    const labels = { "pod-security.kubernetes.io/audit": "restricted" };
    await trial.ok("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "blue", labels },
    });
    audit.take();
    await trial.ok("POST", "/api/v1/namespaces/blue/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      spec: { containers: [{ name: "c", image: "i" }] },
    });
    expect(audit.take().at(-1)?.["annotations"]).toMatchObject({
      "pod-security.kubernetes.io/audit-violations": expect.stringContaining('would violate PodSecurity "restricted'),
    });
  });
});

describe("a policy", () => {
  it("leaves out requests and stages", async () => {
    await using one = await scene({
      omitStages: ["RequestReceived"],
      rules: [{ level: "None", users: ["admin"], verbs: ["get"] }, { level: "Metadata" }],
    });
    const { trial, audit } = one;
    await trial.send("GET", `${configMaps}/none`);
    await trial.send("GET", configMaps);
    expect(stagesOf(audit.take())).toEqual(["ResponseComplete"]);
    const told = await audit.registry.metrics();
    expect(told).toContain('apiserver_audit_level_total{level="None"} 1');
    expect(told).toMatch(/apiserver_audit_event_total [1-9]/);
  });

  it("has what is sent told, as it was sent", async () => {
    await using one = await scene({ level: "Request", omitStages: ["RequestReceived"] });
    const { trial, audit } = one;
    await trial.ok("POST", configMaps, configMap("a", { x: "1" }));
    await trial.ok(
      "PATCH",
      `${configMaps}/a`,
      { data: { y: "2" } },
      { "content-type": "application/merge-patch+json" },
    );
    await trial.ok("DELETE", `${configMaps}/a`, { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0 });
    const events = audit.take();
    expect(events.map(({ requestObject }) => requestObject)).toEqual([
      expect.objectContaining({ kind: "ConfigMap", apiVersion: "v1", data: { x: "1" } }),
      { data: { y: "2" } },
      { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0 },
    ]);
    expect(JSON.stringify(events[0]?.["requestObject"])).not.toContain("uid");
    expect(events.every(({ responseObject }) => responseObject === undefined)).toBe(true);
    expect(events[2]?.["responseStatus"]).toMatchObject({ metadata: {}, status: "Success", code: 200 });
  });

  it("has what is answered told, in any form and length", async () => {
    await using one = await scene({ level: "RequestResponse", omitStages: ["RequestReceived"] });
    const { trial, audit } = one;
    await trial.ok("POST", configMaps, configMap("a", { x: "1" }));
    for (let index = 0; index < 40; index += 1)
      await trial.ok("POST", configMaps, configMap(`large-${index}`, { x: "x".repeat(20_000) }));
    audit.take();
    await trial.send("GET", `${configMaps}/a`, { headers: { accept: "application/vnd.kubernetes.protobuf" } });
    await trial.send("GET", `${configMaps}/a`, { headers: { accept: "application/yaml" } });
    await trial.send("GET", `${configMaps}/a?pretty=true`);
    await trial.send("GET", `${configMaps}/none`);
    const { pieces } = await trial.send("GET", configMaps);
    expect(pieces).toBeGreaterThan(1);
    await settled();
    const [proto, yaml, json, none, list] = audit.take().map(({ responseObject }) => responseObject);
    const a = expect.objectContaining({ kind: "ConfigMap", apiVersion: "v1", data: { x: "1" } });
    expect([proto, yaml, json]).toEqual([a, a, a]);
    expect(none).toMatchObject({ kind: "Status", code: 404 });
    expect((list as { items: unknown[] }).items).toHaveLength(41);
  });

  it("leaves out managed fields", async () => {
    await using one = await scene({ level: "RequestResponse", omitManagedFields: true });
    const { trial, audit } = one;
    await trial.ok("POST", `${configMaps}?fieldManager=m`, configMap("a", { x: "1" }));
    await trial.ok("GET", configMaps);
    expect(await trial.ok("GET", `${configMaps}/a`)).toMatchObject({ metadata: { managedFields: [{ manager: "m" }] } });
    expect(audit.text()).not.toContain("managedFields");
    expect(audit.text()).toContain('"responseObject"');
  });

  it("shows no secret at any level", async () => {
    await using one = await scene({ level: "RequestResponse" });
    const { trial, audit } = one;
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { p: "sesame" } };
    await trial.ok("POST", secrets, secret);
    await trial.ok(
      "PATCH",
      `${secrets}/a`,
      { stringData: { q: "sesame" } },
      { "content-type": "application/merge-patch+json" },
    );
    await trial.ok("PATCH", `${secrets}/a?fieldManager=m&force=true`, secret, {
      "content-type": "application/apply-patch+yaml",
    });
    await trial.ok("GET", `${secrets}/a`);
    await trial.ok("GET", secrets);
    await trial.send("GET", `${secrets}?includeObject=Object`, {
      headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    });
    await trial.ok("DELETE", secrets);
    await settled();
    expect(audit.take().length).toBe(14);
    expect(audit.text()).not.toContain("sesame");
    expect(audit.text()).not.toContain(Buffer.from("sesame").toString("base64"));
    expect(audit.text()).toContain('"data":{"p":"REDACTED"');
  });
});

it("a list that nobody reads to its end is told all the same", async () => {
  await using one = await scene({ level: "RequestResponse", omitStages: ["RequestReceived"] });
  const { trial, audit } = one;
  for (let index = 0; index < 20; index += 1)
    await trial.ok("POST", configMaps, configMap(`large-${index}`, { x: "x".repeat(20_000) }));
  audit.take();
  const client = new AbortController();
  const peer = { address: "", user: { name: "admin", groups: ["system:masters"] } };
  const { body } = await trial.transport({ method: "GET", url: configMaps, headers: {}, signal: client.signal, peer });
  expect(body.type).toBe("chunks");
  expect(audit.take()).toEqual([]);
  client.abort();
  await settled();
  const [event, ...others] = audit.take();
  expect(event).toMatchObject({ stage: "ResponseComplete", responseStatus: { code: 200 } });
  expect(event?.["responseObject"]).toBeUndefined();
  expect(others).toEqual([]);
});

describe("a watch", () => {
  it("is told when it comes, when it begins, and when it ends", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    const client = new AbortController();
    const watching = await trial.watch(`${configMaps}?watch=1`, { signal: client.signal });
    expect(stagesOf(audit.take())).toEqual(["RequestReceived", "ResponseStarted"]);
    await trial.ok("POST", configMaps, configMap("a"));
    await watching.next(1);
    audit.take();
    client.abort();
    expect(audit.take()).toEqual([
      expect.objectContaining({
        stage: "ResponseComplete",
        verb: "watch",
        responseStatus: { metadata: {}, code: 200 },
      }),
    ]);
    watching.source.close();
    expect(audit.take()).toEqual([]);
  });

  it("that is refused begins and ends at once", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    await trial.send("GET", `${configMaps}?watch=1`, { user: jane });
    expect(stagesOf(audit.take())).toEqual(["RequestReceived", "ResponseStarted", "ResponseComplete"]);
  });

  it("ends with the server", async () => {
    await using one = await scene();
    const { trial, audit } = one;
    const watching = await trial.watch(`${configMaps}?watch=1`);
    audit.take();
    await trial.close();
    await watching.rest();
    expect(stagesOf(audit.take())).toEqual(["ResponseComplete"]);
  });
});

it("a request is refused that has to be told and cannot be", async () => {
  await using one = await scene();
  const { trial, audit } = one;
  audit.fail = true;
  const { status, bytes } = await trial.send("POST", configMaps, { body: configMap("a") });
  expect([status, JSON.parse(bytes.toString())]).toEqual([
    500,
    expect.objectContaining({
      reason: "InternalError",
      message: `Internal Server Error: "${configMaps}": failed to store audit event`,
    }),
  ]);
  expect(await audit.registry.metrics()).toContain("apiserver_audit_requests_rejected_total 1");
  audit.fail = false;
  expect((await trial.send("GET", `${configMaps}/a`)).status).toBe(404);
});

it("no log has a token, however much it tells", async () => {
  const destination = new PassThrough();
  const pieces: Buffer[] = [];
  destination.on("data", (piece: Buffer) => pieces.push(piece));
  const log = createLogger({ level: levelOf(10), format: "json", destination });
  const clock = new ManualClock(began);
  const audit = memoryAudit({ rules: [{ level: "RequestResponse" }] }, clock, log);
  const store = await openMemoryStore();
  await using trial = await startTrial({ store, clock, log, auditor: audit.auditor });
  const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZXNhbWUifQ.c2lnbmF0dXJlLXNlc2FtZQ";
  const send = (url: string, headers: Record<string, string>): Promise<unknown> =>
    trial.transport({
      method: "GET",
      url,
      headers,
      signal: new AbortController().signal,
      peer: { address: "10.0.0.9" },
    });
  await send(configMaps, { authorization: `Bearer ${token}` });
  await send(`${configMaps}?access_token=${token}`, {});
  const offered = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
  await send(`${configMaps}?watch=1`, { "sec-websocket-protocol": offered, upgrade: "websocket" });
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
  await trial.send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: review });
  store.revision = () => Promise.reject(new Error(`Bearer ${token} did it`));
  await trial.send("GET", `${configMaps}?access_token=${token}`, { headers: { authorization: `Bearer ${token}` } });
  await settled();
  const told = Buffer.concat(pieces).toString();
  expect(told).toContain("a request failed");
  for (const text of [told, audit.text()]) {
    expect(text).not.toContain(token.slice(0, 20));
    expect(text).not.toContain(Buffer.from(token).toString("base64url").slice(0, 20));
  }
});
