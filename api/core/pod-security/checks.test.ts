import { describe, expect, test } from "vitest";
import type { Container, PodSpec, SecurityContext } from "../../generated/types/core-v1.ts";
import { checks } from "./checks.ts";
import { createEvaluator, describeDetails, describeReasons, evaluatePod } from "./evaluate.ts";
import type { Check, PodLike } from "./check.ts";

type Annotations = Record<string, string>;

function pod(spec: Partial<PodSpec>, annotations: Annotations = {}): PodLike {
  return { metadata: { annotations }, spec: { containers: [], ...spec } };
}

/** A pod of containers that have nothing but a name and this. */
function of(...contexts: (SecurityContext | undefined)[]): PodLike {
  const containers = contexts.map((securityContext, index): Container => {
    const name = String.fromCharCode(97 + index);
    return securityContext === undefined ? { name } : { name, securityContext };
  });
  return pod({ containers });
}

function only(id: string): Check {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
}

/** What one check says: `reason (detail)`, or nothing. */
function said(id: string, of: PodLike, version: "latest" | number = "latest"): string {
  const check = only(id);
  return describeDetails(createEvaluator([check])({ level: check.level, version }, of));
}

/** Without a version: the latest. */
type Row = readonly [name: string, pod: PodLike, expected: string, version?: number];

const rows: Record<string, readonly Row[]> = {
  allowPrivilegeEscalation: [
    ["switched off everywhere", of({ allowPrivilegeEscalation: false }), ""],
    [
      "unset or true",
      of(undefined, {}, { allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: false }),
      'allowPrivilegeEscalation != false (containers "a", "b", "c" must set securityContext.allowPrivilegeEscalation=false)',
    ],
    ["Windows", pod({ os: { name: "windows" }, containers: [{ name: "a" }] }), ""],
    [
      "Windows before v1.25",
      pod({ os: { name: "windows" }, containers: [{ name: "a" }] }),
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
      24,
    ],
    ["before the field was there", of(undefined), "", 7],
    [
      "init and ephemeral containers",
      pod({ initContainers: [{ name: "i" }], ephemeralContainers: [{ name: "e" }] }),
      'allowPrivilegeEscalation != false (containers "i", "e" must set securityContext.allowPrivilegeEscalation=false)',
    ],
  ],
  appArmorProfile: [
    [
      "the runtime's and the node's profiles",
      pod(
        {
          securityContext: { appArmorProfile: { type: "RuntimeDefault" } },
          containers: [{ name: "a", securityContext: { appArmorProfile: { type: "Localhost" } } }],
        },
        {
          "container.apparmor.security.beta.kubernetes.io/a": "localhost/mine",
          "container.apparmor.security.beta.kubernetes.io/b": "",
          "container.apparmor.security.beta.kubernetes.io/c": "runtime/default",
        },
      ),
      "",
    ],
    [
      "switched off by the pod",
      pod({ securityContext: { appArmorProfile: { type: "Unconfined" } } }),
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      "switched off in every way",
      pod(
        {
          securityContext: { appArmorProfile: { type: "Unconfined" } },
          containers: [{ name: "a", securityContext: { appArmorProfile: { type: "Odd" } } }],
        },
        { "container.apparmor.security.beta.kubernetes.io/a": "unconfined" },
      ),
      'forbidden AppArmor profiles (pod and container "a" and annotation must not set AppArmor profile type to "Odd", "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    ],
  ],
  capabilities_baseline: [
    ["defaults", of({ capabilities: { add: ["CHOWN", "KILL"] } }, {}), ""],
    [
      "others",
      of({ capabilities: { add: ["FOO", "BAR"] } }, { capabilities: { add: ["BAR", "NET_RAW"] } }, {}),
      'non-default capabilities (containers "a", "b" must not include "BAR", "FOO", "NET_RAW" in securityContext.capabilities.add)',
    ],
  ],
  capabilities_restricted: [
    ["none", of({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }), ""],
    [
      "kept and added",
      of({ capabilities: { drop: ["ALL"], add: ["FOO"] } }, { capabilities: { drop: ["FOO"] } }, undefined),
      'unrestricted capabilities (containers "b", "c" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "FOO" in securityContext.capabilities.add)',
    ],
    ["Windows", pod({ os: { name: "windows" }, containers: [{ name: "a" }] }), ""],
    ["before v1.22", of(undefined), "", 21],
  ],
  hostNamespaces: [
    ["none", pod({ hostNetwork: false }), ""],
    [
      "all",
      pod({ hostPID: true, hostNetwork: true, hostIPC: true }),
      "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
    ],
  ],
  hostPathVolumes: [
    ["other volumes", pod({ volumes: [{ name: "a", emptyDir: {} }] }), ""],
    [
      "two",
      pod({
        volumes: [
          { name: "a", hostPath: { path: "/" } },
          { name: "b", hostPath: { path: "/" } },
        ],
      }),
      'hostPath volumes (volumes "a", "b")',
    ],
  ],
  hostPorts: [
    ["none", pod({ containers: [{ name: "a", ports: [{ containerPort: 80, hostPort: 0 }] }] }), ""],
    [
      "one",
      pod({ containers: [{ name: "a", ports: [{ containerPort: 80, hostPort: 80 }] }] }),
      'hostPort (container "a" uses hostPort 80)',
    ],
    [
      "several, in the order of text",
      pod({
        containers: [
          { name: "a", ports: [{ containerPort: 80, hostPort: 9 }] },
          { name: "b", ports: [{ containerPort: 80, hostPort: 80 }] },
        ],
      }),
      'hostPort (containers "a", "b" use hostPorts 80, 9)',
    ],
  ],
  hostProbesAndHostLifecycle: [
    ["its own address", pod({ containers: [{ name: "a", livenessProbe: { httpGet: { port: 80 } } }] }), ""],
    [
      "others'",
      pod({
        containers: [
          {
            name: "b",
            startupProbe: { httpGet: { port: 80, host: "a.com" } },
            lifecycle: { preStop: { tcpSocket: { port: 1, host: "b.com" } } },
          },
          { name: "a", readinessProbe: { tcpSocket: { port: 1, host: "a.com" } } },
        ],
      }),
      'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "a.com", "b.com")',
    ],
    [
      "before v1.34",
      pod({ containers: [{ name: "a", livenessProbe: { httpGet: { port: 80, host: "a.com" } } }] }),
      "",
      33,
    ],
  ],
  privileged: [
    ["not", of({ privileged: false }, undefined), ""],
    ["one", of({}, { privileged: true }), 'privileged (container "b" must not set securityContext.privileged=true)'],
  ],
  procMount: [
    ["the default", of({ procMount: "Default" }, undefined), ""],
    [
      "unmasked",
      of({ procMount: "Unmasked" }, { procMount: "other" }),
      'procMount (containers "a", "b" must not set securityContext.procMount to "Unmasked", "other")',
    ],
    [
      "unmasked in a user namespace",
      pod({ hostUsers: false, containers: [{ name: "a", securityContext: { procMount: "Unmasked" } }] }),
      "",
    ],
    [
      "unmasked in a user namespace before v1.35",
      pod({ hostUsers: false, containers: [{ name: "a", securityContext: { procMount: "Unmasked" } }] }),
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
      34,
    ],
  ],
  procMount_restricted: [
    ["the default", of({ procMount: "Default" }), ""],
    [
      "unmasked in a user namespace",
      pod({ hostUsers: false, containers: [{ name: "a", securityContext: { procMount: "Unmasked" } }] }),
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
  ],
  restrictedVolumes: [
    [
      "core ones",
      pod({
        volumes: [
          { name: "a", configMap: {} },
          { name: "b", csi: { driver: "d" } },
          { name: "c", ephemeral: {} },
          { name: "d", projected: {} },
        ],
      }),
      "",
    ],
    [
      "others",
      pod({
        volumes: [
          { name: "a", nfs: { server: "s", path: "/" } },
          { name: "b", hostPath: { path: "/" } },
          { name: "c", image: { reference: "r" } },
        ],
      }),
      'restricted volume types (volumes "a", "b", "c" use restricted volume types "hostPath", "nfs", "unknown")',
    ],
    [
      "one other",
      pod({ volumes: [{ name: "a", hostPath: { path: "/" } }] }),
      'restricted volume types (volume "a" uses restricted volume type "hostPath")',
    ],
  ],
  runAsNonRoot: [
    ["by the pod", pod({ securityContext: { runAsNonRoot: true }, containers: [{ name: "a" }] }), ""],
    ["by the container", of({ runAsNonRoot: true }), ""],
    [
      "nobody",
      of(undefined, {}, { runAsNonRoot: true }),
      'runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true)',
    ],
    [
      "the contrary",
      pod({
        securityContext: { runAsNonRoot: false },
        containers: [{ name: "a", securityContext: { runAsNonRoot: false } }],
      }),
      'runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)',
    ],
    ["in a user namespace", pod({ hostUsers: false, containers: [{ name: "a" }] }), ""],
    [
      "in a user namespace before v1.35",
      pod({ hostUsers: false, containers: [{ name: "a" }] }),
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
      34,
    ],
  ],
  runAsUser: [
    ["unset, or another", of(undefined, { runAsUser: 1 }), ""],
    [
      "root",
      pod({ securityContext: { runAsUser: 0 }, containers: [{ name: "a", securityContext: { runAsUser: 0 } }] }),
      'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
    ],
    ["root in a user namespace", pod({ hostUsers: false, securityContext: { runAsUser: 0 } }), ""],
    ["before v1.23", of({ runAsUser: 0 }), "", 22],
  ],
  seLinuxOptions: [
    ["allowed types", of({ seLinuxOptions: { type: "container_t" } }, { seLinuxOptions: {} }), ""],
    [
      "everything wrong",
      pod({
        securityContext: { seLinuxOptions: { type: "foo", user: "u", role: "r" } },
        containers: [{ name: "a", securityContext: { seLinuxOptions: { type: "bar" } } }],
      }),
      'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: types "bar", "foo"; user may not be set; role may not be set)',
    ],
    [
      "a user alone",
      of({ seLinuxOptions: { user: "u" } }),
      'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: user may not be set)',
    ],
    ["container_engine_t", of({ seLinuxOptions: { type: "container_engine_t" } }), ""],
    [
      "container_engine_t before v1.31",
      of({ seLinuxOptions: { type: "container_engine_t" } }),
      'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
      30,
    ],
  ],
  seccompProfile_baseline: [
    ["unset, the runtime's, the node's", of(undefined, { seccompProfile: { type: "Localhost" } }), ""],
    [
      "none",
      pod({
        securityContext: { seccompProfile: { type: "Unconfined" } },
        containers: [{ name: "a", securityContext: { seccompProfile: { type: "Odd" } } }],
      }),
      'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Odd", "Unconfined")',
    ],
    [
      "by annotation before v1.19",
      pod(
        { containers: [{ name: "a" }] },
        {
          "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
          "container.seccomp.security.alpha.kubernetes.io/a": "localhost/x",
          "container.seccomp.security.alpha.kubernetes.io/other": "unconfined",
        },
      ),
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
      18,
    ],
  ],
  seccompProfile_restricted: [
    [
      "by the pod",
      pod({ securityContext: { seccompProfile: { type: "RuntimeDefault" } }, containers: [{ name: "a" }] }),
      "",
    ],
    ["by the container", of({ seccompProfile: { type: "Localhost" } }), ""],
    [
      "by nobody",
      of(undefined, { seccompProfile: { type: "Localhost" } }),
      'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ],
    [
      "to nothing",
      of({ seccompProfile: { type: "Unconfined" } }),
      'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    ["Windows", pod({ os: { name: "windows" }, containers: [{ name: "a" }] }), ""],
  ],
  sysctls: [
    ["safe", pod({ securityContext: { sysctls: [{ name: "net.ipv4.tcp_rmem", value: "1" }] } }), ""],
    [
      "safe only later",
      pod({ securityContext: { sysctls: [{ name: "net.ipv4.tcp_rmem", value: "1" }] } }),
      "forbidden sysctls (net.ipv4.tcp_rmem)",
      31,
    ],
    [
      "others",
      pod({
        securityContext: {
          sysctls: [
            { name: "b", value: "1" },
            { name: "a", value: "1" },
          ],
        },
      }),
      "forbidden sysctls (b, a)",
    ],
  ],
  windowsHostProcess: [
    ["not", of({ windowsOptions: { hostProcess: false } }), ""],
    [
      "pod and container",
      pod({
        securityContext: { windowsOptions: { hostProcess: true } },
        containers: [{ name: "a", securityContext: { windowsOptions: { hostProcess: true } } }],
      }),
      'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)',
    ],
  ],
};

test("every check is tried", () => {
  expect(Object.keys(rows).sort()).toEqual(checks.map(({ id }) => id).sort());
});

for (const [id, cases] of Object.entries(rows)) {
  describe(`the check ${id}`, () => {
    for (const [name, given, expected, version] of cases) {
      test(name, () => {
        expect(said(id, given, version)).toBe(expected);
      });
    }
  });
}

describe("a level", () => {
  const plain = pod({ containers: [{ name: "app" }] });

  test("tells all violations, those of baseline first", () => {
    const bad = pod({
      hostNetwork: true,
      volumes: [{ name: "v", hostPath: { path: "/" } }],
      containers: [{ name: "app", securityContext: { privileged: true } }],
    });
    expect(describeReasons(evaluatePod({ level: "baseline", version: "latest" }, bad))).toBe(
      "host namespaces, hostPath volumes, privileged",
    );
    // hostPath volumes are told once: as a restricted volume type.
    expect(describeReasons(evaluatePod({ level: "restricted", version: "latest" }, bad))).toBe(
      "host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile",
    );
  });

  test("privileged forbids nothing, and baseline nothing of an ordinary pod", () => {
    expect(evaluatePod({ level: "privileged", version: "latest" }, of({ privileged: true }))).toEqual([]);
    expect(evaluatePod({ level: "baseline", version: "latest" }, plain)).toEqual([]);
  });

  test.each<[number | "latest", string]>([
    [0, "runAsNonRoot != true"],
    [8, "allowPrivilegeEscalation != false, runAsNonRoot != true"],
    [19, "allowPrivilegeEscalation != false, runAsNonRoot != true, seccompProfile"],
    [22, "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"],
    [9999, "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"],
    ["latest", "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"],
  ])("restricted has grown: version %s", (version, expected) => {
    expect(describeReasons(evaluatePod({ level: "restricted", version }, plain))).toBe(expected);
  });
});
