import { describe, expect, it } from "vitest";
import type { Pod, PodSpec, ServiceAccount } from "../../../api/generated/types/core-v1.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { admissionRequest, type HeldObjects, holding, mutate, refusal } from "../objects.testing.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { serviceAccount } from "./service-account.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Randomness that always answers 0. */
const volumeName = "kube-api-access-bbbbb";
const container = { name: "c", image: "i" };

function account(name: string, more: Partial<ServiceAccount> = {}): ServiceAccount {
  return { ...more, metadata: { namespace: "ns", name, ...more.metadata } };
}

function pluginFor(objects: HeldObjects): AdmissionPlugin {
  return serviceAccount({ reader: objects, timers: new ManualClock(0), random: { integer: () => 0 } });
}

function pluginWith(...accounts: readonly ServiceAccount[]): AdmissionPlugin {
  return pluginFor(holding({ serviceaccounts: accounts }));
}

function pod(spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}): Pod {
  return { metadata: { name: "p", annotations }, spec: { containers: [container], ...spec } };
}

async function admitted(plugin: AdmissionPlugin, object: Pod): Promise<PodSpec | string | undefined> {
  const request = admissionRequest("pods", { object });
  return (await refusal(plugin, request)) ?? (request.object as Pod).spec;
}

describe("a pod without a wish", () => {
  it("runs as the default account and finds its token", async () => {
    const mount = { name: volumeName, readOnly: true, mountPath };
    expect(await admitted(pluginWith(account("default")), pod({ initContainers: [container] }))).toEqual({
      serviceAccountName: "default",
      initContainers: [{ ...container, volumeMounts: [mount] }],
      containers: [{ ...container, volumeMounts: [mount] }],
      volumes: [
        {
          name: volumeName,
          projected: {
            defaultMode: 420,
            sources: [
              { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
              { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              {
                downwardAPI: {
                  items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
                },
              },
            ],
          },
        },
      ],
    });
  });

  it("waits for its account for a while", async () => {
    const objects = holding();
    const clock = new ManualClock(0);
    const plugin = serviceAccount({ reader: objects, timers: clock, random: { integer: () => 0 } });
    const request = admissionRequest("pods", { object: pod() });
    const waiting = mutate(plugin, request);
    await passed(clock, 3);
    objects.put("serviceaccounts", account("default"));
    await passed(clock, 1);
    expect(await waiting).toBe("changed");
    objects.remove("serviceaccounts", "ns", "default");
    const hopeless = refusal(plugin, admissionRequest("pods", { object: pod() }));
    await passed(clock, 20);
    expect(await hopeless).toBe(
      'pods "p" is forbidden: error looking up service account ns/default: serviceaccount "default" not found',
    );
  });
});

/** Lets so many pauses go by. */
async function passed(clock: ManualClock, pauses: number): Promise<void> {
  for (let pause = 0; pause < pauses; pause += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(200);
  }
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a token", () => {
  it.each([
    { ofPod: undefined, ofAccount: undefined, mounted: true },
    { ofPod: undefined, ofAccount: false, mounted: false },
    { ofPod: true, ofAccount: false, mounted: true },
    { ofPod: false, ofAccount: true, mounted: false },
  ])("is mounted: $mounted, when the pod says $ofPod and the account $ofAccount", async (told) => {
    const plugin = pluginWith(
      account("default", told.ofAccount === undefined ? {} : { automountServiceAccountToken: told.ofAccount }),
    );
    const spec = await admitted(
      plugin,
      pod(told.ofPod === undefined ? {} : { automountServiceAccountToken: told.ofPod }),
    );
    expect(spec).toMatchObject({ serviceAccountName: "default" });
    expect((spec as PodSpec).volumes?.length ?? 0).toBe(told.mounted ? 1 : 0);
  });

  it("takes nobody's place, and uses a volume that is there", async () => {
    const own = { ...container, volumeMounts: [{ name: "mine", mountPath }] };
    const plugin = pluginWith(account("default"));
    expect(await admitted(plugin, pod({ containers: [own] }))).toEqual({
      serviceAccountName: "default",
      containers: [own],
    });
    const volumes = [{ name: "kube-api-access-x", emptyDir: {} }];
    expect(await admitted(plugin, pod({ containers: [own, container], volumes }))).toMatchObject({
      containers: [own, { volumeMounts: [{ name: "kube-api-access-x" }] }],
      volumes: [{ name: "kube-api-access-x", emptyDir: {} }],
    });
  });

  it("is not mounted twice when the pod is seen again", async () => {
    const plugin = pluginWith(account("default"));
    const request = admissionRequest("pods", { object: pod() });
    await mutate(plugin, request);
    const once = JSON.stringify(request.object);
    await mutate(plugin, request);
    expect(JSON.stringify(request.object)).toBe(once);
  });
});

it("gives the account's pull secrets to a pod that has none", async () => {
  const plugin = pluginWith(account("default", { imagePullSecrets: [{ name: "a" }, { name: "b" }] }));
  expect(await admitted(plugin, pod())).toMatchObject({ imagePullSecrets: [{ name: "a" }, { name: "b" }] });
  expect(await admitted(plugin, pod({ imagePullSecrets: [{ name: "c" }] }))).toMatchObject({
    imagePullSecrets: [{ name: "c" }],
  });
});

it("knows no account of another namespace", async () => {
  const plugin = pluginWith({ metadata: { namespace: "other", name: "robot" } });
  expect(await admitted(plugin, pod({ serviceAccountName: "robot" }))).toBe(
    'pods "p" is forbidden: error looking up service account ns/robot: serviceaccount "robot" not found',
  );
});

describe("a mirror pod", () => {
  const secretEnv = [{ name: "E", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }];
  const projected = { sources: [{ serviceAccountToken: { path: "token" } }] };
  it.each<readonly [Partial<PodSpec>, string]>([
    [{ serviceAccountName: "default" }, "a mirror pod may not reference service accounts"],
    [{ containers: [{ ...container, env: secretEnv }] }, "a mirror pod may not reference secrets"],
    [{ volumes: [{ name: "v", secret: { secretName: "s" } }] }, "a mirror pod may not reference secrets"],
    [{ imagePullSecrets: [{ name: "s" }] }, "a mirror pod may not reference secrets"],
    [{ volumes: [{ name: "v", projected }] }, "a mirror pod may not use ServiceAccountToken volume projections"],
  ])("may not have %j", async (spec, why) => {
    const object = pod(spec, { "kubernetes.io/config.mirror": "x" });
    expect(await admitted(pluginWith(account("default")), object)).toBe(`pods "p" is forbidden: ${why}`);
  });

  it("stays as it is", async () => {
    expect(await admitted(pluginWith(), pod({}, { "kubernetes.io/config.mirror": "" }))).toEqual({
      containers: [container],
    });
  });
});

describe("an account that limits its secrets", () => {
  const limited = account("default", {
    metadata: { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
    secrets: [{ name: "mine" }],
    imagePullSecrets: [{ name: "pull" }],
  });
  const env = (name: string) => [{ name: "E", valueFrom: { secretKeyRef: { name, key: "k" } } }];
  const refers = "is not allowed because service account default does not reference that";

  it.each<readonly [Partial<PodSpec>, string]>([
    [{ volumes: [{ name: "v", secret: { secretName: "s" } }] }, `volume with secret.secretName="s" ${refers} secret`],
    [
      { initContainers: [{ ...container, env: env("s") }] },
      `init container c with envVar E referencing secret.secretName="s" ${refers} secret`,
    ],
    [
      { containers: [{ ...container, env: env("s") }] },
      `container c with envVar E referencing secret.secretName="s" ${refers} secret`,
    ],
    [
      { containers: [{ ...container, envFrom: [{ secretRef: { name: "s" } }] }] },
      `container c with envFrom referencing secret.secretName="s" ${refers} secret`,
    ],
    [{ imagePullSecrets: [{ name: "pull" }, { name: "s" }] }, `imagePullSecrets[1].name="s" ${refers} imagePullSecret`],
  ])("refuses %j", async (spec, why) => {
    expect(await admitted(pluginWith(limited), pod(spec))).toBe(`pods "p" is forbidden: ${why}`);
  });

  it("lets its own through", async () => {
    const spec = { containers: [{ ...container, env: env("mine") }], imagePullSecrets: [{ name: "pull" }] };
    expect(await admitted(pluginWith(limited), pod(spec))).toBeTypeOf("object");
    expect(await admitted(pluginWith(account("default")), pod({ imagePullSecrets: [{ name: "s" }] }))).toBeTypeOf(
      "object",
    );
  });

  it("minds what comes later, too", async () => {
    const old = pod({ serviceAccountName: "default" });
    const object = pod({
      serviceAccountName: "default",
      ephemeralContainers: [{ name: "debug", image: "i", env: env("s") }],
    });
    const request = admissionRequest("pods", { object, old, subresource: "ephemeralcontainers" });
    expect(await refusal(pluginWith(limited), request)).toBe(
      `ephemeral container debug with envVar E referencing secret.secretName="s" ${refers} secret`,
    );
    expect(await refusal(pluginWith(account("default")), request)).toBeUndefined();
    expect(await refusal(pluginWith(), admissionRequest("pods", { object, old }))).toBeUndefined();
  });
});
