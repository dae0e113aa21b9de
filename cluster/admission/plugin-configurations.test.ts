import { describe, expect, it } from "vitest";
import { readPluginConfiguration } from "./plugin-configurations.ts";

const security = { apiVersion: "pod-security.admission.config.k8s.io/v1", kind: "PodSecurityConfiguration" };
const rates = { apiVersion: "eventratelimit.admission.k8s.io/v1alpha1", kind: "Configuration" };
const quota = { apiVersion: "apiserver.config.k8s.io/v1", kind: "ResourceQuotaConfiguration" };
const webhooks = { apiVersion: "apiserver.config.k8s.io/v1", kind: "WebhookAdmissionConfiguration" };
const tolerations = { apiVersion: "podtolerationrestriction.admission.k8s.io/v1alpha1", kind: "Configuration" };

describe("a plugin's configuration", () => {
  it("is PodSecurity's defaults and exemptions", () => {
    const defaults = { enforce: "baseline", "enforce-version": "v1.30", warn: "restricted" };
    const exemptions = { usernames: ["ann"], namespaces: ["kube-system"], runtimeClasses: [] };
    const podSecurity = { defaults, exemptions };
    expect(readPluginConfiguration("PodSecurity", { ...security, ...podSecurity })).toEqual({ podSecurity });
    const beta = { ...security, apiVersion: "pod-security.admission.config.k8s.io/v1beta1", defaults: null };
    expect(readPluginConfiguration("PodSecurity", beta)).toEqual({ podSecurity: { defaults: {}, exemptions: {} } });
  });

  it("is EventRateLimit's limits", () => {
    const limits = [{ type: "Namespace", qps: 50, burst: 100, cacheSize: 2000 }];
    expect(readPluginConfiguration("EventRateLimit", { ...rates, limits })).toEqual({ eventRateLimit: limits });
  });

  it("is what ResourceQuota limits", () => {
    const limited = {
      resource: "pods",
      matchScopes: [{ scopeName: "PriorityClass", operator: "In", values: ["cluster-services"] }],
    };
    const old = { apiVersion: "resourcequota.admission.k8s.io/v1beta1", kind: "Configuration" };
    for (const of of [quota, old])
      expect(readPluginConfiguration("ResourceQuota", { ...of, limitedResources: [limited] })).toEqual({
        resourceQuota: [limited],
      });
  });

  it("is PodNodeSelector's labels by namespace, which may have any name", async () => {
    const config = JSON.parse('{"clusterDefaultNodeSelector":"env=prod","__proto__":"a=b"}') as object;
    const read = await readPluginConfiguration("PodNodeSelector", { podNodeSelectorPluginConfig: config });
    expect(Object.entries(read.podNodeSelector ?? {})).toEqual([
      ["clusterDefaultNodeSelector", "env=prod"],
      ["__proto__", "a=b"],
    ]);
    expect(readPluginConfiguration("PodNodeSelector", {})).toEqual({ podNodeSelector: {} });
  });

  it("is PodTolerationRestriction's lists", () => {
    const podTolerationRestriction = {
      default: [{ key: "a", operator: "Exists" }],
      whitelist: [{ operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 }],
    };
    const read = readPluginConfiguration("PodTolerationRestriction", { ...tolerations, ...podTolerationRestriction });
    expect(read).toEqual({ podTolerationRestriction });
  });
});

describe("what a configuration gets wrong", () => {
  it.each([
    ["PodSecurity", { ...security, default: {} }, "PodSecurity: default: unknown field; check the name"],
    ["PodSecurity", { ...security, defaults: { constructor: "" } }, "defaults.constructor: unknown field"],
    ["PodSecurity", { ...security, defaults: [] }, "defaults: it must be an object"],
    [
      "PodSecurity",
      { ...security, defaults: { enforce: "high" } },
      'PodSecurity: defaults.enforce: Invalid value: "high"',
    ],
    ["PodSecurity", { ...security, exemptions: { namespaces: "a" } }, "exemptions.namespaces: it must be a list"],
    ["PodSecurity", { ...security, exemptions: { usernames: [1] } }, "exemptions.usernames[0]: it must be a text"],
    ["PodSecurity", rates, "PodSecurity: it must have apiVersion: pod-security.admission.config.k8s.io/v1 and kind: "],
    ["PodSecurity", "text", "PodSecurity: it must have apiVersion"],
    ["EventRateLimit", rates, "EventRateLimit: limits: Invalid value: []: must not be empty"],
    [
      "EventRateLimit",
      { ...rates, limits: [{ type: "Pod", qps: 1, burst: 1 }] },
      'limits[0].type: Unsupported value: "Pod": supported values: "Namespace", "Server", "SourceAndObject", "User"',
    ],
    ["EventRateLimit", { ...rates, limits: [{ qps: 1 }] }, 'limits[0].type: Unsupported value: ""'],
    ["EventRateLimit", { ...rates, limits: [{ type: "User" }] }, "limits[0].burst: Invalid value: 0: must be positive"],
    ["EventRateLimit", { ...rates, limits: [{ qps: 1.5 }] }, "limits[0].qps: it must be a whole number"],
    ["EventRateLimit", { ...rates, limits: [{ qps: 2 ** 60 }] }, "limits[0].qps: it must be a whole number"],
    ["ResourceQuota", { ...quota, limitedResources: [{}] }, "limitedResources[0].resource: Required value"],
    [
      "PodTolerationRestriction",
      { ...tolerations, whitelist: [{ operator: "Equal" }] },
      "whitelist[0].operator: Invalid value",
    ],
    ["PodNodeSelector", { podNodeSelectorPluginConfig: { a: 1 } }, "podNodeSelectorPluginConfig[a]: it must be a text"],
    ["PodNodeSelector", { a: "b" }, "PodNodeSelector: a: unknown field"],
    ["Priority", {}, "Priority takes no configuration; leave it out"],
  ])("%s: %j", (plugin, configuration, message) => {
    expect(() => readPluginConfiguration(plugin, configuration)).toThrow(message);
  });
});

it.each<[object, string]>([
  [{}, "it must have apiVersion: apiserver.config.k8s.io/v1 and kind: WebhookAdmissionConfiguration"],
  [webhooks, "MutatingAdmissionWebhook: kubeConfigFile: Required value"],
  [{ ...webhooks, kubeConfigFile: "x" }, 'kubeConfigFile: Invalid value: "x": must be an absolute file path'],
  [{ ...webhooks, kubeConfigFile: "/nowhere/x" }, '"/nowhere/x": it cannot be read (ENOENT)'],
])("MutatingAdmissionWebhook: %j", async (configuration, message) => {
  await expect(readPluginConfiguration("MutatingAdmissionWebhook", configuration)).rejects.toThrow(message);
});
