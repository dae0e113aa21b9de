import { join } from "node:path";
import { load } from "./load.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { createPod, podBody } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { measureWrites, middle, type WriteFigures } from "./writes.ts";

const rounds = 5;
const volume = { clients: 64, requests: 4000 };

/** https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#which-plugins-are-enabled-by-default */
const onByDefault = [
  "CertificateApproval",
  "CertificateSigning",
  "CertificateSubjectRestriction",
  "ClusterTrustBundleAttest",
  "DefaultIngressClass",
  "DefaultStorageClass",
  "DefaultTolerationSeconds",
  "LimitRanger",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionWebhook",
  "NamespaceLifecycle",
  "PersistentVolumeClaimResize",
  "PodSecurity",
  "PodTopologyLabels",
  "Priority",
  "ResourceQuota",
  "RuntimeClass",
  "ServiceAccount",
  "StorageObjectInUseProtection",
  "TaintNodesByCondition",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionWebhook",
];

/** Creates of 3 KB pods with the plugins that are on by default, and with none of them. */
export const admission: Measurement = {
  name: "admission",
  title: "Admission: creates of 3 KB pods",
  async measure(scratch) {
    const flags = ["--disable-admission-plugins", onByDefault.join(",")];
    await using asking = await ServerProcess.start({ folder: join(scratch, "on") });
    await using silent = await ServerProcess.start({ folder: join(scratch, "off"), flags });
    const servers = [
      { what: "none", server: silent },
      { what: "those on by default", server: asking },
    ];
    const figures = servers.map((): WriteFigures[] => []);
    const writes = { template: createPod, body: () => podBody };
    for (const { server } of servers) await load(server.target, { ...writes, ...volume });
    for (let round = 0; round < rounds; round++)
      for (const [at, { server }] of servers.entries()) figures[at]?.push(await measureWrites(server, writes, volume));
    const base = middle(figures[0] ?? []);
    return {
      columns: ["plugins", "creates/s", "p50 ms", "server CPU us", "more CPU us", "CPU ratio"],
      rows: servers.map(({ what }, at) => {
        const { perSecond, p50Ms, cpuUs } = middle(figures[at] ?? []);
        const cells = [count(perSecond), ms(p50Ms), count(cpuUs), count(cpuUs - base.cpuUs)];
        return [what, ...cells, (cpuUs / base.cpuUs).toFixed(2)];
      }),
    };
  },
};
