import type { APIService, APIServiceSpec } from "../generated/types/apiregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, requiredName } from "../machinery/findings.ts";
import { dns1035Label, dnsSubdomain, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatTime } from "../machinery/time.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const apiServices: ResourceRow = defineResource<APIService>({
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storagePrefix: "apiregistration.k8s.io/apiservices",
  storageVersionHash: "InPBPD7+PqM=",
  reset: { main: ["status"], status: ["metadata", "spec"] },
  nameRule: "pathSegment",
  prepareForCreate(service, { now }) {
    service.status = {};
    // Groups that this server itself serves are there at once; the others wait for the aggregator to find them.
    if (service.spec?.service === undefined) service.status.conditions = [localAvailable(now)];
  },
  validate: (service, { subresource }) =>
    subresource === "status" ? [] : [...validateName(service), ...validateSpec(service.spec)],
  table: {
    columns: [
      nameColumn,
      {
        name: "Service",
        type: "string",
        description: "The service behind the group-version; Local when this server answers itself.",
      },
      { name: "Available", type: "string", description: "Whether it answers, and if not, why." },
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.service === undefined ? "Local" : `${spec.service.namespace ?? ""}/${spec.service.name ?? ""}`,
      availability(status),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function localAvailable(now: number): NonNullable<NonNullable<APIService["status"]>["conditions"]>[number] {
  return {
    type: "Available",
    status: "True",
    lastTransitionTime: formatTime(now),
    reason: "Local",
    message: "Local APIServices are always available",
  };
}

function availability(status: DeepReadonly<APIService["status"]>): string {
  const condition = status?.conditions?.find(({ type }) => type === "Available");
  if (condition === undefined) return "Unknown";
  return condition.status === "True" || !condition.reason
    ? condition.status
    : `${condition.status} (${condition.reason})`;
}

function validateName({ metadata, spec }: DeepReadonly<APIService>): FieldError[] {
  const name = metadata?.name ?? "";
  const wanted = `${spec?.version ?? ""}.${spec?.group ?? ""}`;
  return name === wanted ? [] : [bad("metadata.name", name, `must be \`spec.version+"."+spec.group\`: "${wanted}"`)];
}

function validateSpec(spec: DeepReadonly<APIServiceSpec> | undefined): FieldError[] {
  const { group = "", version = "", groupPriorityMinimum: groupPriority = 0, versionPriority = 0 } = spec ?? {};
  const findings = group === "" ? [] : named("spec.group", group, dnsSubdomain(group));
  if (group === "" && version !== "v1") {
    findings.push(required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  }
  findings.push(...requiredName("spec.version", version, dns1035Label));
  if (groupPriority <= 0 || groupPriority > 20_000) {
    findings.push(bad("spec.groupPriorityMinimum", groupPriority, "must be positive and less than 20000"));
  }
  if (versionPriority <= 0 || versionPriority > 1000) {
    findings.push(bad("spec.versionPriority", versionPriority, "must be positive and less than 1000"));
  }
  return [...findings, ...validateService(spec)];
}

function validateService(spec: DeepReadonly<APIServiceSpec> | undefined): FieldError[] {
  const { service, caBundle, insecureSkipTLSVerify = false } = spec ?? {};
  const findings: FieldError[] = [];
  if (service === undefined) {
    if (caBundle) {
      findings.push(
        bad(
          "spec.caBundle",
          `${Buffer.byteLength(caBundle, "base64")} bytes`,
          "local APIServices may not have a caBundle",
        ),
      );
    }
    if (insecureSkipTLSVerify) {
      findings.push(bad("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify"));
    }
    return findings;
  }
  if (!service.namespace) findings.push(required("spec.service.namespace"));
  if (!service.name) findings.push(required("spec.service.name"));
  const port = service.port ?? 443;
  for (const problem of portNumber(port))
    findings.push(bad("spec.service.port", port, `port is not valid: ${problem}`));
  if (insecureSkipTLSVerify && caBundle) {
    findings.push(bad("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  }
  return findings;
}
