import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHttps, untrustedCa, type TestServer } from "../../server/webhook/https-server.testing.ts";
import { openStage, type Stage } from "../kubectl/stage.ts";
import type { Outcome } from "../program.ts";
import { isOwnCluster } from "../target.ts";
import { answer, hook, patched, register, reviewOf } from "./webhooks.ts";

/** A server in this process answers; a cluster elsewhere could not reach it. */
describe.runIf(isOwnCluster)("admission webhooks", () => {
  let stage: Stage;
  let server: TestServer;

  beforeAll(async () => {
    stage = await openStage(36, "webhooks");
    server = await startHttps((received) => answer(received, {}));
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const create = (name: string, ...args: readonly string[]): Promise<Outcome> =>
    stage.kubectl.run(["create", "configmap", name, "--from-literal=a=1", "-n", stage.namespace, ...args]);
  const said = async (name: string, ...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await create(name, ...args);
    expect(code).toBe(1);
    return stderr;
  };
  /** What goes wrong between the servers; the same in every test. */
  const failing = (path: string, problem: string): string =>
    `error: failed to create configmap: Internal error occurred: failed calling webhook "${path}.conformance.example": failed to call webhook: ${problem}\n`;

  test("is asked with all that concerns the request", async () => {
    await using _hooks = await register(stage, "Validating", hook(stage, server, "asked"));
    server.answer((received) => answer(received, {}));
    const before = server.received.length;
    expect((await create("asked", "--dry-run=server")).code).toBe(0);
    expect((await create("asked")).code).toBe(0);
    await stage.ok("patch", "configmap", "asked", "-p", '{"data":{"a":"2"}}');
    await stage.ok("delete", "configmap", "asked");
    const [dry, created, updated, deleted] = server.received.slice(before).map((one) => reviewOf(one).request);
    expect(server.received.at(-1)).toMatchObject({ method: "POST", url: "/asked?timeout=5s" });
    expect(dry).toMatchObject({ dryRun: true, operation: "CREATE" });
    expect(created).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      kind: { group: "", version: "v1", kind: "ConfigMap" },
      resource: { group: "", version: "v1", resource: "configmaps" },
      requestKind: { group: "", version: "v1", kind: "ConfigMap" },
      name: "asked",
      namespace: stage.namespace,
      operation: "CREATE",
      dryRun: false,
      object: { metadata: { name: "asked", namespace: stage.namespace }, data: { a: "1" } },
      oldObject: null,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", fieldManager: "kubectl-create" },
    });
    expect(created?.userInfo.groups).toContain("system:authenticated");
    expect(updated).toMatchObject({
      operation: "UPDATE",
      object: { data: { a: "2" } },
      oldObject: { data: { a: "1" } },
    });
    expect(deleted).toMatchObject({ operation: "DELETE", object: null, oldObject: { data: { a: "2" } } });
  });

  test("denies, in its own words, with its own code, and warns", async () => {
    await using _hooks = await register(stage, "Validating", hook(stage, server, "deny"));
    server.answer((received) => answer(received, { allowed: false }));
    expect(await said("denied")).toBe(
      'error: failed to create configmap: admission webhook "deny.conformance.example" denied the request without explanation\n',
    );
    server.answer((received) =>
      answer(received, { allowed: false, status: { message: "no such cargo", code: 403, reason: "Forbidden" } }),
    );
    expect(await said("denied")).toBe(
      'error: failed to create configmap: admission webhook "deny.conformance.example" denied the request: no such cargo\n',
    );
    server.answer((received) =>
      answer(received, { allowed: false, status: { message: "too late", code: 409, reason: "Conflict" } }),
    );
    const stdin = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "denied" } });
    const { stderr } = await stage.kubectl.exits(1, ["create", "-n", stage.namespace, "-f", "-"], { stdin });
    expect(stderr).toBe(
      'Error from server (Conflict): error when creating "STDIN": admission webhook "deny.conformance.example" denied the request: too late\n',
    );
    server.answer((received) => answer(received, { warnings: ["mind the gap", "and the step"] }));
    expect(await create("warned")).toMatchObject({
      code: 0,
      stderr: "Warning: mind the gap\nWarning: and the step\n",
    });
  });

  test("mutates, one after the other, and again when another has changed something", async () => {
    const again = { reinvocationPolicy: "IfNeeded" };
    await using _hooks = await register(
      stage,
      "Mutating",
      hook(stage, server, "first", again),
      hook(stage, server, "second"),
    );
    server.answer((received) => {
      const { data = {} } = reviewOf(received).request.object ?? {};
      const name = received.url.startsWith("/first") ? "first" : "second";
      const count = Object.keys(data).filter((key) => key.startsWith(name)).length;
      return patched(received, [
        { op: "add", path: `/data/${name}${count}`, value: Object.keys(data).toSorted().join(" ") },
      ]);
    });
    expect((await create("mutated")).code).toBe(0);
    expect((await stage.json("get", "configmap", "mutated"))["data"]).toEqual({
      a: "1",
      first0: "a",
      second0: "a first0",
      first1: "a first0 second0",
    });
  });

  test("conditions and selectors spare it", async () => {
    const matchConditions = [{ name: "not-mine", expression: "request.name != 'mine'" }];
    const objectSelector = { matchExpressions: [{ key: "spare", operator: "DoesNotExist" }] };
    await using _hooks = await register(
      stage,
      "Validating",
      hook(stage, server, "choosy", { matchConditions, objectSelector }),
    );
    server.answer((received) => answer(received, { allowed: false, status: { message: "no" } }));
    expect((await create("mine")).code).toBe(0);
    const spared = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "spared", labels: { spare: "me" } } };
    await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], { stdin: JSON.stringify(spared) });
    expect(await said("other")).toContain("denied the request: no");
    await stage.ok("create", "secret", "generic", "unconcerned");
  });

  test("fails: closed, or open", async () => {
    server.answer(() => ({ status: 500, body: "boom" }));
    {
      await using _hooks = await register(stage, "Validating", hook(stage, server, "broken"));
      expect(await said("failed")).toMatch(
        /^error: failed to create configmap: Internal error occurred: failed calling webhook "broken\.conformance\.example": failed to call webhook: an error on the server \("boom"\) has prevented the request from succeeding\n$/,
      );
    }
    await using _hooks = await register(
      stage,
      "Validating",
      hook(stage, server, "broken", { failurePolicy: "Ignore" }),
    );
    expect(await create("opened")).toMatchObject({ code: 0, stderr: "" });
  });

  test("is late, is somebody else, is elsewhere", async () => {
    server.answer(() => "handled");
    {
      await using _hooks = await register(stage, "Validating", hook(stage, server, "late", { timeoutSeconds: 1 }));
      expect(await said("failed")).toBe(
        failing("late", `Post "${server.url}/late?timeout=1s": context deadline exceeded`),
      );
    }
    {
      const clientConfig = { url: `${server.url}/stranger`, caBundle: untrustedCa() };
      await using _hooks = await register(stage, "Validating", hook(stage, server, "stranger", { clientConfig }));
      expect(await said("failed")).toContain(
        failing(
          "stranger",
          `Post "${server.url}/stranger?timeout=5s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
        ).trimEnd(),
      );
    }
    const service = { namespace: stage.namespace, name: "absent", path: "/elsewhere" };
    const clientConfig = { service, caBundle: server.caBundle };
    await using _hooks = await register(stage, "Validating", hook(stage, server, "elsewhere", { clientConfig }));
    expect(await said("failed")).toBe(
      failing(
        "elsewhere",
        `Post "https://absent.${stage.namespace}.svc:443/elsewhere?timeout=5s": service "absent" not found`,
      ),
    );
  });

  test("redirects, and is not followed to where it has no business", async () => {
    await using _hooks = await register(stage, "Validating", hook(stage, server, "away"));
    const before = server.received.length;
    server.answer(() => ({ status: 302, headers: { location: `${server.url}/other` }, body: "" }));
    expect(await said("failed")).toContain(
      'failed calling webhook "away.conformance.example": failed to call webhook: ',
    );
    expect(server.received.slice(before).map(({ url }) => url)).not.toContain("/other");
  });

  test.each([
    [
      "another request",
      { body: { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", response: { uid: "x", allowed: true } } },
      'received invalid webhook response: expected response.uid="',
    ],
    [
      "nothing",
      { body: { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1" } },
      "received invalid webhook response: webhook response was absent",
    ],
    ["no JSON", { body: "aye" }, "couldn't get version/kind; json parse error"],
  ])("lies: it answers %s", async (_what, reply, problem) => {
    await using _hooks = await register(stage, "Validating", hook(stage, server, "liar"));
    server.answer(() => reply);
    const text = await said("failed");
    expect(text).toContain('failed calling webhook "liar.conformance.example": ');
    expect(text).toContain(problem);
  });

  test("lies: its patch cannot be applied, or makes what is invalid", async () => {
    await using _hooks = await register(stage, "Mutating", hook(stage, server, "patcher"));
    server.answer((received) => patched(received, [{ op: "remove", path: "/data/nothing" }]));
    expect(await said("failed")).toContain("Internal error occurred");
    server.answer((received) => patched(received, [{ op: "add", path: "/data/not a key", value: "x" }]));
    expect(await said("failed")).toContain(
      'data[not a key]: Invalid value: "not a key": a valid config key must consist of',
    );
    server.answer((received) => answer(received, { patch: "W10=" }));
    expect(await said("failed")).toContain("response.patchType");
    expect(await stage.refused("get", "configmap", "failed")).toContain("NotFound");
  });
});
