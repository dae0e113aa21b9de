import { describe, expect, test } from "vitest";
import type { Pod, PodSpec, PodTemplate } from "../generated/types/core-v1.ts";
import { created, findingsOf } from "../row.testing.ts";
import { podTemplates } from "./pod-templates.ts";
import { pods } from "./pods.ts";

const containers = [{ name: "app", image: "a" }];

function findings(spec: Partial<PodSpec>, annotations: Record<string, string> = {}): string[] {
  return findingsOf(pods, { metadata: { name: "web", annotations }, spec: { containers, ...spec } } as Pod);
}

describe("names", () => {
  const subdomain = expect.stringContaining("a lowercase RFC 1123 subdomain must consist of");
  test.each<[string, Partial<PodSpec>, unknown[]]>([
    ["a runtime class", { runtimeClassName: "gvisor" }, []],
    ["no runtime class by name", { runtimeClassName: "" }, [subdomain]],
    ["an account with blanks", { serviceAccountName: "a b" }, [subdomain]],
    ["a scheduler with blanks", { schedulerName: "a b" }, []],
    [
      "a deadline in the past",
      { activeDeadlineSeconds: 0 },
      ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ],
    ["another host name", { hostnameOverride: "a.b" }, []],
    [
      "another host name, fully qualified",
      { hostnameOverride: "a.b", setHostnameAsFQDN: true },
      ["spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true"],
    ],
    [
      "another host name, of the host",
      { hostnameOverride: "a".repeat(65), hostNetwork: true },
      [
        "spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true",
        "spec.hostnameOverride: Too long: may not be more than 64 bytes",
      ],
    ],
    [
      "an alias of no address",
      { hostAliases: [{ ip: "x", hostnames: ["a"] }] },
      ['spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [
      "an alias with an underscore",
      { hostAliases: [{ ip: "10.0.0.1", hostnames: ["a", "b_c"] }] },
      [expect.stringMatching(/^spec\.hostAliases\[0\]\.hostnames\[1\]: Invalid value: "b_c"/)],
    ],
    [
      "one gate twice",
      { schedulingGates: [{ name: "a" }, { name: "a" }] },
      ['spec.schedulingGates[1]: Duplicate value: "a"'],
    ],
    [
      "a condition with blanks",
      { readinessGates: [{ conditionType: "a b" }] },
      [expect.stringMatching(/^spec\.readinessGates\[0\]\.conditionType: Invalid value: "a b": name part must/)],
    ],
    [
      "a resolver without servers",
      { dnsPolicy: "None", dnsConfig: {} },
      ["spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"],
    ],
    [
      "an option without a name",
      { dnsConfig: { options: [{ value: "1" }] } },
      ["spec.dnsConfig.options[0]: Required value: must not be empty"],
    ],
    [
      "a claim of two sources",
      { resourceClaims: [{ name: "c", resourceClaimName: "a", resourceClaimTemplateName: "b" }] },
      [
        'spec.resourceClaims[0]: Invalid value: {"name":"c","resourceClaimName":"a","resourceClaimTemplateName":"b"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
      ],
    ],
    [
      "a claim of no source",
      { resourceClaims: [{ name: "c" }] },
      [
        'spec.resourceClaims[0]: Invalid value: {"name":"c"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ],
    ],
    [
      "overhead of no resource",
      { overhead: { gold: "1" } },
      [
        'spec.overhead.limits[gold]: Invalid value: "gold": must be a standard resource type or fully qualified',
        'spec.overhead.limits[gold]: Invalid value: "gold": must be a standard resource for containers',
      ],
    ],
    [
      "ephemeral containers",
      { ephemeralContainers: [{ name: "e", image: "i" }] },
      ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findings(spec)).toEqual(expected);
  });
});

describe("scheduling", () => {
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const node = (expression: { key: string; operator: string; values?: string[] }): Partial<PodSpec> => ({
    affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } },
  });
  const nodeAt = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`;
  const podAt = `spec.affinity.podAffinity.${required}[0]`;
  const term = (more: object): Partial<PodSpec> => ({
    affinity: { podAffinity: { [required]: [{ topologyKey: "zone", ...more }] } },
  });
  const labelSelector = { matchLabels: { app: "web" } };

  test.each<[string, Partial<PodSpec>, unknown[]]>([
    ["a label of nodes", node({ key: "disk", operator: "In", values: ["ssd"] }), []],
    [
      "no values",
      node({ key: "disk", operator: "In" }),
      [
        `${nodeAt}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ],
    ],
    [
      "two values to be more than",
      node({ key: "cpus", operator: "Gt", values: ["1", "2"] }),
      [
        `${nodeAt}[0].matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      ],
    ],
    [
      "an odd operator",
      node({ key: "a", operator: "Is" }),
      [`${nodeAt}[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator`],
    ],
    [
      "a value that no label has",
      node({ key: "a", operator: "In", values: ["a b"] }),
      [expect.stringContaining(`${nodeAt}[0].matchExpressions[0].values[0]: Invalid value: "a b": a valid label`)],
    ],
    [
      "no terms",
      { affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [] } } } },
      [`${nodeAt}: Required value: must have at least one node selector term`],
    ],
    [
      "a field that nodes do not have",
      {
        affinity: {
          nodeAffinity: {
            [required]: { nodeSelectorTerms: [{ matchFields: [{ key: "a", operator: "In", values: ["b"] }] }] },
          },
        },
      },
      [`${nodeAt}[0].matchFields[0].key: Invalid value: "a": not a valid field selector key`],
    ],
    [
      "two nodes by name",
      {
        affinity: {
          nodeAffinity: {
            [required]: {
              nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a", "b"] }] }],
            },
          },
        },
      },
      [
        `${nodeAt}[0].matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
      ],
    ],
    [
      "a strong wish, with odd values",
      {
        affinity: {
          nodeAffinity: {
            [preferred]: [
              { weight: 101, preference: { matchExpressions: [{ key: "a", operator: "In", values: ["a b"] }] } },
            ],
          },
        },
      },
      [`spec.affinity.nodeAffinity.${preferred}[0].weight: Invalid value: 101: must be in the range 1-100`],
    ],
    ["pods elsewhere", term({ labelSelector, namespaces: ["other"], namespaceSelector: {} }), []],
    [
      "pods in an odd namespace",
      term({ namespaces: ["A"] }),
      [expect.stringContaining(`${podAt}.namespace: Invalid value: "A": a lowercase RFC 1123 label`)],
    ],
    [
      "pods anywhere",
      term({ topologyKey: "" }),
      [
        `${podAt}.topologyKey: Required value: can not be empty`,
        expect.stringContaining(`${podAt}.topologyKey: Invalid value: "": name part must be non-empty`),
        expect.stringContaining(`${podAt}.topologyKey: Invalid value: "": name part must consist of`),
      ],
    ],
    [
      "keys without a selector",
      term({ matchLabelKeys: ["a"] }),
      [`${podAt}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
    ],
    [
      "keys on both sides",
      term({ labelSelector, matchLabelKeys: ["a"], mismatchLabelKeys: ["a"] }),
      [`${podAt}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys`],
    ],
    [
      "a toleration by number",
      { tolerations: [{ key: "a", operator: "Gt", value: "1" }] },
      ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Gt", "Lt"'],
    ],
    [
      "a toleration of an odd value",
      { tolerations: [{ key: "a", value: "a b" }] },
      [expect.stringContaining('spec.tolerations[0].operator: Invalid value: "a b": a valid label must be')],
    ],
    [
      "a toleration for a while",
      { tolerations: [{ key: "a", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 1 }] },
      [
        "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
      ],
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findings(spec)).toEqual(expected);
  });

  test("spread", () => {
    const constraint = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector };
    const at = "spec.topologySpreadConstraints";
    expect(findings({ topologySpreadConstraints: [constraint] })).toEqual([]);
    expect(findings({ topologySpreadConstraints: [{ ...constraint, whenUnsatisfiable: "" }] })).toEqual([
      `${at}[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"`,
    ]);
    expect(findings({ topologySpreadConstraints: [{ ...constraint, maxSkew: 0, minDomains: 1 }, constraint] })).toEqual(
      [
        `${at}[0].maxSkew: Invalid value: 0: must be greater than zero`,
        `${at}[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"`,
        `${at}[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway`,
      ],
    );
    const labels = { app: "web" };
    const given: Pod = {
      metadata: { name: "web", labels },
      spec: { containers, topologySpreadConstraints: [{ ...constraint, matchLabelKeys: ["app"] }] },
    };
    expect(findingsOf(pods, created(pods, given))).toEqual([
      `${at}[0][0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector`,
    ]);
  });
});

describe("what systems differ in", () => {
  test.each<[string, Partial<PodSpec>, string[]]>([
    ["Linux", { os: { name: "linux" }, securityContext: { runAsUser: 1 } }, []],
    [
      "Linux with options of Windows",
      { os: { name: "linux" }, securityContext: { windowsOptions: {} } },
      ["spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod"],
    ],
    [
      "Windows with options of Linux",
      {
        os: { name: "windows" },
        hostPID: true,
        securityContext: { fsGroup: 1 },
        containers: [{ name: "app", image: "a", securityContext: { privileged: true } }],
      },
      [
        "spec.hostPID: Forbidden: cannot be set for a windows pod",
        "spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod",
        "spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod",
      ],
    ],
    [
      "another",
      { os: { name: "plan9" } },
      ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
    ],
    [
      "parameters of the kernel",
      { securityContext: { sysctls: [{ name: "net/ipv4/tcp_syncookies", value: "1" }] } },
      [],
    ],
    [
      "parameters of the host's network",
      {
        hostNetwork: true,
        securityContext: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] },
      },
      [
        "spec.securityContext.sysctls[0].name: Invalid value: \"net.ipv4.tcp_syncookies\": may not be specified when 'hostNetwork' is true",
      ],
    ],
    [
      "parameters twice",
      {
        securityContext: {
          sysctls: [
            { name: "a", value: "1" },
            { name: "a", value: "1" },
          ],
        },
      },
      ['spec.securityContext.sysctls[1].name: Duplicate value: "a"'],
    ],
    [
      "processes shared with the host",
      { hostPID: true, shareProcessNamespace: true },
      [
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
      ],
    ],
    [
      "users of its own on the host's network",
      { hostUsers: false, hostNetwork: true, hostIPC: true },
      ["spec.hostNetwork: Forbidden: when `hostUsers` is false", "spec.HostIPC: Forbidden: when `hostUsers` is false"],
    ],
    [
      "SELinux labels by mounting",
      { securityContext: { seLinuxChangePolicy: "MountOption" } },
      ['spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"'],
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findings(spec)).toEqual(expected);
  });
});

describe("annotations", () => {
  const appArmor = "container.apparmor.security.beta.kubernetes.io/app";
  test.each<[string, Record<string, string>, string[]]>([
    ["a cost", { "controller.kubernetes.io/pod-deletion-cost": "-2147483648" }, []],
    [
      "no cost",
      { "controller.kubernetes.io/pod-deletion-cost": "1.5" },
      [
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "1.5": must be a 32bit integer',
      ],
    ],
    [
      "a static pod of no node",
      { "kubernetes.io/config.mirror": "x" },
      [
        'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
      ],
    ],
    [
      "a profile of no form",
      { [appArmor]: "strict" },
      [`metadata.annotations[${appArmor}]: Invalid value: "strict": invalid AppArmor profile name: "strict"`],
    ],
    [
      "a profile of another container",
      { [`${appArmor}x`]: "unconfined" },
      [`metadata.annotations[${appArmor}x]: Invalid value: "appx": container not found`],
    ],
    [
      "an odd seccomp profile",
      { "seccomp.security.alpha.kubernetes.io/pod": "x" },
      [
        'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid seccomp profile',
      ],
    ],
  ])("%s", (_name, annotations, expected) => {
    expect(findings({}, annotations)).toEqual(expected);
  });

  test("say the same as the fields", () => {
    const securityContext = { appArmorProfile: { type: "Unconfined" } };
    expect(findings({ securityContext }, { [appArmor]: "unconfined" })).toEqual([]);
    expect(findings({ securityContext }, { [appArmor]: "runtime/default" })).toEqual([
      "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match",
    ]);
  });

  test("become fields", () => {
    const given: Pod = {
      metadata: { name: "web", annotations: { [appArmor]: "localhost/strict" } },
      spec: { containers },
    };
    expect(created(pods, given).spec?.containers[0]?.securityContext).toEqual({
      appArmorProfile: { type: "Localhost", localhostProfile: "strict" },
    });
  });
});

test("a template has labels, and nothing for debugging", () => {
  const given: PodTemplate = {
    metadata: { name: "t" },
    template: {
      metadata: { labels: { "a b": "c" }, annotations: { "x/y/z": "" } },
      spec: { containers, ephemeralContainers: [{ name: "e", image: "i" }] },
    },
  };
  expect(findingsOf(podTemplates, given).map((text) => text.split(" must consist")[0])).toEqual([
    'template.labels: Invalid value: "a b": name part',
    expect.stringMatching(/^template\.annotations: Invalid value: "x\/y\/z"/),
    "template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template",
  ]);
});
