import { describe, expect, test } from "vitest";
import type { Container, Namespace, Pod, PodSpec } from "../../../api/generated/types/core-v1.ts";
import { describeFieldError } from "../../../api/machinery/field-error.ts";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { admissionRequest, holding, type HeldObjects, refusal, type TrialRequest } from "../objects.testing.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { type PodSecurityConfiguration, settingsOf } from "./configuration.ts";
import { podSecurity } from "./pod-security.ts";

const prefix = "pod-security.kubernetes.io/";

function namespace(labels: Record<string, string>, name = "ns"): Namespace {
  const own = Object.fromEntries(Object.entries(labels).map(([mode, level]) => [`${prefix}${mode}`, level]));
  return { metadata: { name, labels: own } };
}

function pod(spec: Partial<PodSpec> = {}, metadata: Pod["metadata"] = {}): Pod {
  return { metadata: { name: "web", namespace: "ns", ...metadata }, spec: { containers: [{ name: "app" }], ...spec } };
}

const privileged: Container = { name: "app", securityContext: { privileged: true } };

function plugin(objects: HeldObjects, configuration: PodSecurityConfiguration = {}): AdmissionPlugin {
  return podSecurity({ objects, settings: settingsOf(configuration).settings });
}

/** A request in a namespace of these labels: how it was answered, and what else was said. */
async function ask(
  labels: Record<string, string>,
  request: TrialRequest,
  configuration: PodSecurityConfiguration = {},
): Promise<{ refused: string | undefined; warnings: readonly string[]; annotations: Record<string, string> }> {
  const asked = plugin(holding({ namespaces: [namespace(labels)] }), configuration);
  const refused = await refusal(asked, request);
  const { warnings } = request;
  const annotations = [...request.annotations].map(([key, value]) => [key.slice(prefix.length), value]);
  return { refused, warnings, annotations: Object.fromEntries(annotations) };
}

const violation = 'privileged (container "app" must not set securityContext.privileged=true)';

describe("a new pod", () => {
  test("is refused at the enforced level, with all that is wrong", async () => {
    expect(await ask({ enforce: "restricted" }, admissionRequest("pods", { object: pod() }))).toEqual({
      refused:
        'pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      warnings: [],
      annotations: { "enforce-policy": "restricted:latest" },
    });
  });

  test("is warned about and audited at the other levels", async () => {
    const request = admissionRequest("pods", { object: pod({ containers: [privileged] }) });
    expect(
      await ask({ enforce: "privileged", audit: "baseline", warn: "baseline", "warn-version": "v1.20" }, request),
    ).toEqual({
      refused: undefined,
      warnings: [`would violate PodSecurity "baseline:v1.20": ${violation}`],
      annotations: {
        "enforce-policy": "privileged:latest",
        "audit-violations": `would violate PodSecurity "baseline:latest": ${violation}`,
      },
    });
  });

  test("that is refused is audited, but not warned about", async () => {
    const request = admissionRequest("pods", { object: pod({ containers: [privileged] }) });
    const { refused, warnings, annotations } = await ask(
      { enforce: "baseline", audit: "baseline", warn: "baseline" },
      request,
    );
    expect(refused).toBe(`pods "web" is forbidden: violates PodSecurity "baseline:latest": ${violation}`);
    expect(warnings).toEqual([]);
    expect(Object.keys(annotations).sort()).toEqual(["audit-violations", "enforce-policy"]);
  });

  test("may be anything where nothing is asked for", async () => {
    const request = admissionRequest("pods", { object: pod({ containers: [privileged] }) });
    expect(await ask({}, request)).toEqual({
      refused: undefined,
      warnings: [],
      annotations: { "enforce-policy": "privileged:latest" },
    });
  });

  test("meets the defaults of the configuration where labels say nothing", async () => {
    const request = admissionRequest("pods", { object: pod({ containers: [privileged] }) });
    const defaults = { enforce: "baseline", "enforce-version": "v1.30" };
    expect((await ask({}, request, { defaults })).refused).toMatch(
      /^pods "web" is forbidden: violates PodSecurity "baseline:v1.30"/,
    );
  });

  test("in a namespace whose labels cannot be read meets the strictest", async () => {
    const { refused, annotations } = await ask({ enforce: "odd" }, admissionRequest("pods", { object: pod() }));
    expect(refused).toMatch(/violates PodSecurity "restricted:latest"/);
    expect(annotations["error"]).toBe(
      'Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "odd": must be one of privileged, baseline, restricted',
    );
  });

  test.each<[string, PodSecurityConfiguration["exemptions"], Partial<PodSpec>]>([
    ["user", { usernames: ["ann"] }, {}],
    ["namespace", { namespaces: ["ns"] }, {}],
    ["runtimeClass", { runtimeClasses: ["vm"] }, { runtimeClassName: "vm" }],
  ])("is exempt by its %s", async (why, exemptions = {}, spec) => {
    const request = admissionRequest("pods", { object: pod({ containers: [privileged], ...spec }) });
    expect(await ask({ enforce: "baseline" }, request, { exemptions })).toEqual({
      refused: undefined,
      warnings: [],
      annotations: { exempt: why },
    });
  });

  test("is refused as 403, as the API tells such things", async () => {
    const asked = plugin(holding({ namespaces: [namespace({ enforce: "baseline" })] }));
    const request = admissionRequest("pods", { object: pod({ hostNetwork: true }) });
    const thrown = await Promise.resolve(asked.validate?.(request)).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ reason: "Forbidden", code: 403, details: { name: "web", kind: "pods" } });
  });
});

describe("an update of a pod", () => {
  const old = pod({ containers: [{ ...privileged, image: "a" }] });
  const to = (object: Pod, subresource = ""): TrialRequest => admissionRequest("pods", { object, old, subresource });

  test.each<[string, TrialRequest]>([
    ["a label", to({ ...old, metadata: { ...old.metadata, labels: { a: "b" } } })],
    ["its status", to(pod({ containers: [{ ...privileged, image: "b" }] }), "status")],
  ])("of %s is let through", async (_name, request) => {
    expect((await ask({ enforce: "baseline" }, request)).refused).toBeUndefined();
  });

  test.each<[string, TrialRequest]>([
    ["an image", to(pod({ containers: [{ ...privileged, image: "b" }] }))],
    [
      "ephemeral containers",
      to(
        { ...old, spec: { containers: old.spec?.containers ?? [], ephemeralContainers: [{ name: "debug" }] } },
        "ephemeralcontainers",
      ),
    ],
  ])("of %s is judged again", async (_name, request) => {
    expect((await ask({ enforce: "baseline" }, request)).refused).toMatch(/violates PodSecurity "baseline:latest"/);
  });
});

describe("a workload", () => {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [privileged] } };

  test.each<[string, KubeObject & Record<string, unknown>]>([
    ["deployments.apps", { spec: { template } }],
    ["replicationcontrollers", { spec: { template } }],
    ["podtemplates", { template }],
    ["cronjobs.batch", { spec: { jobTemplate: { spec: { template } } } }],
  ])("of %s is warned about and audited, never refused", async (resource, object) => {
    const request = admissionRequest(resource, { object: { metadata: { name: "web" }, ...object } });
    expect(await ask({ enforce: "baseline", audit: "baseline", warn: "baseline" }, request)).toEqual({
      refused: undefined,
      warnings: [`would violate PodSecurity "baseline:latest": ${violation}`],
      annotations: { "audit-violations": `would violate PodSecurity "baseline:latest": ${violation}` },
    });
  });

  test("without a template has nothing to be judged", async () => {
    const request = admissionRequest("replicationcontrollers", { object: { metadata: { name: "web" } } });
    expect(await ask({ warn: "restricted" }, request)).toEqual({ refused: undefined, warnings: [], annotations: {} });
  });
});

describe("a namespace", () => {
  test("must have labels that can be read", async () => {
    const request = admissionRequest("namespaces", { object: namespace({ enforce: "odd" }) });
    expect(await refusal(plugin(holding()), request)).toBe(
      'Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "odd": must be one of privileged, baseline, restricted',
    );
  });

  test("may keep labels that were wrong before, but not get others", async () => {
    const old = namespace({ enforce: "odd" });
    const again = admissionRequest("namespaces", {
      object: { ...old, metadata: { ...old.metadata, annotations: { a: "b" } } },
      old,
    });
    expect(await refusal(plugin(holding()), again)).toBeUndefined();
    const other = admissionRequest("namespaces", { object: namespace({ enforce: "other" }), old });
    expect(await refusal(plugin(holding()), other)).toMatch(/must be one of privileged, baseline, restricted$/);
  });

  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "u1", controller: true };
  const pods = [
    pod({ hostNetwork: true, containers: [privileged] }, { name: "b" }),
    pod({ containers: [privileged] }, { name: "web-2", ownerReferences: [owner] }),
    pod({ containers: [privileged] }, { name: "web-1", ownerReferences: [owner] }),
    pod({ containers: [privileged] }, { name: "web-3", ownerReferences: [owner] }),
    pod({ containers: [privileged], runtimeClassName: "vm" }, { name: "exempt" }),
    pod({}, { name: "fine" }),
  ];

  async function warnings(
    from: Record<string, string>,
    to: Record<string, string>,
    exemptions: PodSecurityConfiguration["exemptions"] = { runtimeClasses: ["vm"] },
    held: readonly Pod[] = pods,
  ): Promise<readonly string[]> {
    const request = admissionRequest("namespaces", { object: namespace(to), old: namespace(from) });
    await plugin(holding({ pods: held }), { exemptions }).validate?.(request);
    return request.warnings;
  }

  test("is told which of its pods would be refused now", async () => {
    expect(await warnings({}, { enforce: "baseline" })).toEqual([
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      "b: host namespaces, privileged",
      "web-1 (and 2 other pods): privileged",
    ]);
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ["nothing changed", { enforce: "baseline" }, { enforce: "baseline", warn: "restricted" }],
    ["it was relaxed", { enforce: "restricted" }, { enforce: "baseline" }],
    ["nothing is enforced any more", { enforce: "restricted" }, { enforce: "privileged", "enforce-version": "v1.1" }],
  ])("is told nothing when %s", async (_name, from, to) => {
    expect(await warnings(from, to)).toEqual([]);
  });

  test("is told again when the version changed", async () => {
    expect(await warnings({ enforce: "baseline" }, { enforce: "baseline", "enforce-version": "v1.20" })).toHaveLength(
      3,
    );
  });

  test("that is exempt is told that its labels do nothing", async () => {
    expect(await warnings({}, { enforce: "baseline", warn: "restricted" }, { namespaces: ["ns"] })).toEqual([
      'namespace "ns" is exempt from Pod Security, and the policy (enforce=baseline:latest, warn=restricted:latest) will be ignored',
    ]);
  });

  test("of very many pods is checked in part, one pod of each controller first", async () => {
    const many = Array.from({ length: 3002 }, (_, index) => pod({}, { name: `p${index}`, ownerReferences: [owner] }));
    const last = pod({ containers: [privileged] }, { name: "last" });
    expect(await warnings({}, { enforce: "baseline" }, {}, [...many, last])).toEqual([
      "new PodSecurity enforce level only checked against the first 3000 of 3003 existing pods",
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      "last: privileged",
    ]);
  });
});

describe("the configuration", () => {
  test("is checked field by field", () => {
    const { problems } = settingsOf({
      defaults: { enforce: "odd", "warn-version": "1.2" },
      exemptions: { namespaces: ["a.b", "a", "a"], usernames: [""], runtimeClasses: ["A"] },
    });
    expect(problems.map((problem) => `${problem.field}: ${describeFieldError(problem)}`)).toEqual([
      'defaults.enforce: Invalid value: "odd": must be one of privileged, baseline, restricted',
      'defaults.warn-version: Invalid value: "1.2": must be "latest" or "v1.x"',
      'exemptions.namespaces[0]: Invalid value: "a.b": must not contain dots',
      'exemptions.namespaces[2]: Duplicate value: "a"',
      expect.stringMatching(/^exemptions.runtimeClasses\[0\]: Invalid value: "A": a lowercase RFC 1123 subdomain/),
      "exemptions.usernames[0]: Required value",
    ]);
  });
});
