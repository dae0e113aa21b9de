import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger, type Logger } from "../../base/log.ts";
import { createCluster } from "../create-cluster.ts";
import type { ClusterOptions } from "../options.ts";
import { type AuthorizationOptions, authorizationSettings } from "./authorization-options.ts";

let folder: string;
let kubeconfig: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-authorization-"));
  kubeconfig = await file("hook.kubeconfig", {
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1/authorize" } }],
    users: [{ name: "u", user: { token: "secret" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: object | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const kind = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthorizationConfiguration" };
const hook = (more: object = {}): object => ({
  type: "Webhook",
  name: "hook",
  webhook: {
    ...{ timeout: "3s", subjectAccessReviewVersion: "v1", failurePolicy: "Deny" },
    connectionInfo: { type: "KubeConfigFile", kubeConfigFile: kubeconfig },
    ...more,
  },
});

async function problem(options: AuthorizationOptions): Promise<string> {
  try {
    await authorizationSettings(options, silentLogger);
    return "";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.replaceAll(folder, "/f") : String(thrown);
  }
}

async function problemOf(...authorizers: readonly object[]): Promise<string> {
  return problem({ configFile: await file("a.yaml", { ...kind, authorizers }) });
}

describe("modes", () => {
  it("are Node and RBAC unless others are named", async () => {
    expect(await authorizationSettings({}, silentLogger)).toEqual({
      authorizers: [{ type: "Node" }, { type: "RBAC" }],
    });
    expect(await authorizationSettings({ modes: ["AlwaysAllow"] }, silentLogger)).toEqual({
      authorizers: [{ type: "AlwaysAllow" }],
    });
    const { authorizers } = await authorizationSettings(
      { modes: ["RBAC", "Webhook"], webhookConfigFile: kubeconfig, webhookCacheUnauthorizedTtl: 0 },
      silentLogger,
    );
    expect(authorizers[1]).toMatchObject({
      options: {
        name: "default",
        version: "v1beta1",
        authorizedTtl: 300_000,
        unauthorizedTtl: 0,
        failurePolicy: "NoOpinion",
      },
      target: { url: "https://127.0.0.1:1/authorize" },
      timeoutMs: 30_000,
    });
  });

  it.each<[AuthorizationOptions, string]>([
    [{ modes: [] }, "at least one authorization-mode must be passed"],
    [{ modes: ["rbac"] }, 'authorization-mode "rbac" is not a valid mode'],
    [{ modes: ["ABAC"] }, "authorization-mode ABAC is not supported by Wherry; use RBAC"],
    [{ modes: ["RBAC", "RBAC"] }, 'authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
    [{ modes: ["Webhook"] }, "authorization-mode Webhook's authorization config file not passed"],
    [{ webhookConfigFile: "x" }, "cannot specify --authorization-webhook-config-file without mode Webhook"],
    [
      { modes: ["Webhook"], webhookConfigFile: "x", webhookVersion: "v2" },
      'unsupported webhook authorizer version "v2", supported versions are "v1", "v1beta1"',
    ],
    [
      { modes: ["RBAC"], configFile: "x" },
      "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined",
    ],
    [{ configFile: "/nowhere/x" }, "--authorization-config: /nowhere/x cannot be read (ENOENT)"],
  ])("%o", async (options, expected) => {
    expect(await problem(options)).toBe(expected);
  });
});

describe("components", () => {
  it.each<[readonly string[], ClusterOptions, string]>([
    [["AlwaysDeny"], {}, "controllers what they do; add RBAC"],
    [["Node"], { controllers: [] }, "schedulers what they do; add RBAC"],
    [["AlwaysDeny"], { controllers: [], scheduler: false, nodes: 1 }, "nodes what they do; add Node"],
  ])("would wait without end for %j", async (modes, options, expected) => {
    await expect(createCluster({ ...options, authorization: { modes } })).rejects.toThrow(expected);
  });
});

describe("a file", () => {
  it("names authorizers in their order", async () => {
    const conditions = { matchConditionSubjectAccessReviewVersion: "v1", matchConditions: [{ expression: "true" }] };
    const authorizers = [
      hook({ ...conditions, cacheUnauthorizedRequests: false }),
      { type: "Node", name: "node" },
      { type: "RBAC", name: "rbac" },
    ];
    const configFile = await file("good.yaml", { ...kind, authorizers });
    const settings = await authorizationSettings({ configFile }, silentLogger);
    expect(settings.authorizers.map(({ type }) => type)).toEqual(["Webhook", "Node", "RBAC"]);
    expect(settings.authorizers[0]).toMatchObject({
      options: { name: "hook", version: "v1", authorizedTtl: 300_000, unauthorizedTtl: 0, failurePolicy: "Deny" },
      timeoutMs: 3000,
    });
  });

  it.each<[() => readonly object[], string]>([
    [() => [], "authorizers: Required value: at least one authorization mode must be defined"],
    [() => [{}], "authorizers[0].type: Required value"],
    [
      () => [{ type: "ABAC", name: "abac" }],
      'authorizers[0].type: Unsupported value: "ABAC": supported values: "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"',
    ],
    [() => [1, 2].map(() => ({ type: "RBAC", name: "rbac" })), 'authorizers[1].type: Duplicate value: "RBAC"'],
    [() => [{ type: "RBAC" }], "authorizers[0].name: Required value"],
    [() => [{ type: "RBAC", name: "roles" }], "expected name rbac for authorizer RBAC instead of roles"],
    [() => [hook(), hook()], 'authorizers[1].name: Duplicate value: "hook"'],
    [
      () => [{ ...hook(), name: "a_b" }],
      'authorizers[0].name: Invalid value: "a_b": authorizer name is invalid: a lowercase RFC 1123 subdomain',
    ],
    [() => [{ type: "Webhook", name: "w" }], "authorizers[0].webhook: Required value: required when type=Webhook"],
    [
      () => [{ ...hook(), type: "RBAC", name: "rbac" }],
      'authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook',
    ],
    [() => [hook({ timeout: "0s" })], "authorizers[0].timeout: Required value"],
    [() => [hook({ timeout: "31s" })], 'authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s'],
    [() => [hook({ timeout: "soon" })], 'authorizers[0].webhook.timeout: time: invalid duration "soon"'],
    [() => [hook({ authorizedTTL: "-1s" })], 'authorizers[0].authorizedTTL: Invalid value: "-1s": must be > 0s'],
    [
      () => [hook({ subjectAccessReviewVersion: "v2" })],
      'authorizers[0].subjectAccessReviewVersion: Unsupported value: "v2": supported values: "v1", "v1beta1"',
    ],
    [() => [hook({ failurePolicy: "" })], "authorizers[0].failurePolicy: Required value"],
    [
      () => [hook({ matchConditions: [{ expression: "true" }] })],
      "authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified",
    ],
    [
      () => [hook({ connectionInfo: { type: "InClusterConfig" } })],
      'authorizers[0].connectionInfo.type: Unsupported value: "InClusterConfig": supported values: "KubeConfigFile"',
    ],
    [
      () => [hook({ connectionInfo: { type: "KubeConfigFile", kubeConfigFile: "x" } })],
      'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "x": must be an absolute path',
    ],
    [
      () => [hook({ connectionInfo: { type: "KubeConfigFile", kubeConfigFile: "/nowhere/x" } })],
      'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/nowhere/x": error loading file: no such file or directory',
    ],
    [
      () => [hook({ connectionInfo: { type: "KubeConfigFile", kubeConfigFile: folder } })],
      'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/f": must be a regular file',
    ],
    [() => [{ ...hook(), extra: 1 }], "authorizers[0].extra: unknown field"],
  ])("is refused: %#", async (authorizers, expected) => {
    expect(await problemOf(...authorizers())).toContain(expected);
  });

  it.each<[readonly string[], string]>([
    [[" "], "authorizers[0].matchConditions[0].expression: Required value"],
    [["true", "true"], 'authorizers[0].matchConditions[1].expression: Duplicate value: "true"'],
    [
      ["request.nope"],
      'authorizers[0].matchConditions[0].expression: Invalid value: "request.nope": compilation failed:',
    ],
    [["request.user"], 'Invalid value: "request.user": must evaluate to bool but got string'],
    [
      Array.from({ length: 65 }, (_, index) => `${index} == 0`),
      "authorizers[0].matchConditions: Too many: 65: must have at most 64 items",
    ],
  ])("is refused for its conditions: %#", async (expressions, expected) => {
    const matchConditions = expressions.map((expression) => ({ expression }));
    const conditions = { matchConditionSubjectAccessReviewVersion: "v1", matchConditions };
    expect(await problemOf(hook(conditions))).toContain(expected);
  });

  it.each(["[", "a: 1", JSON.stringify({ ...kind, kind: "Other" }), "authorizers: []"])(
    "is none: %s",
    async (content) => {
      expect(await problem({ configFile: await file("none.yaml", content) })).toMatch(
        /^--authorization-config \/f\/none/,
      );
    },
  );

  it("is read again when it changes, and kept to as long as it is wrong", async () => {
    const rbac = { type: "RBAC", name: "rbac" };
    const configFile = await file("followed.yaml", { ...kind, authorizers: [rbac] });
    const failed: unknown[] = [];
    let tell = (): void => undefined;
    const log: Logger = {
      ...silentLogger,
      error: (_message, fields) => (failed.push(String(fields?.["error"])), tell()),
    };
    const settings = await authorizationSettings({ configFile }, log);
    const seen: (readonly string[])[] = [];
    const end = settings.follow?.((authorizers) => {
      seen.push(authorizers.map(({ type }) => type));
      tell();
    });
    const told = (write: Promise<unknown>): Promise<void> =>
      new Promise((resolve, reject) => {
        tell = resolve;
        write.catch(reject);
      });
    await told(file("followed.yaml", { ...kind, authorizers: [{ type: "AlwaysDeny", name: "alwaysdeny" }] }));
    expect(failed).toEqual([expect.stringContaining("missing required types: [RBAC]")]);
    await told(file("followed.yaml", { ...kind, authorizers: [hook(), rbac] }));
    expect(seen).toEqual([["Webhook", "RBAC"]]);
    end?.();
  });
});
