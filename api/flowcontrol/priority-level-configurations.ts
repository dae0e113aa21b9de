import type {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from "../generated/types/flowcontrol-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, forbidden, nonNegative, required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { mandatoryLevels, validateConditions, validateMandatory } from "./mandatory-specs.ts";

export const priorityLevelConfigurations: ResourceRow = defineResource<PriorityLevelConfiguration>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  scope: "Cluster",
  definition: "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "Kir5PVfvNeI=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["metadata", "spec"] },
  unconditionalUpdate: true,
  validate({ metadata, spec, status }, { subresource }) {
    if (subresource === "status") return validateConditions(status?.conditions ?? []);
    return spec === undefined ? [] : validateSpec(metadata?.name ?? "", spec);
  },
  table: {
    columns: [
      nameColumn,
      { name: "Type", type: "string", description: "Whether its requests are limited or exempt." },
      {
        name: "NominalConcurrencyShares",
        type: "string",
        description: "Its share of the requests that run at a time.",
      },
      { name: "Queues", type: "string", description: "How many queues it has." },
      { name: "HandSize", type: "string", description: "How many queues one flow may use." },
      { name: "QueueLengthLimit", type: "string", description: "How many requests may wait in one queue." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => {
      const queuing = spec?.limited?.limitResponse?.queuing;
      return [
        metadata?.name ?? "",
        spec?.type ?? "",
        spec?.limited?.nominalConcurrencyShares ?? "<none>",
        queuing?.queues ?? "<none>",
        queuing?.handSize ?? "<none>",
        queuing?.queueLengthLimit ?? "<none>",
        age(metadata?.creationTimestamp, now),
      ];
    },
  },
});

function validateSpec(name: string, spec: DeepReadonly<PriorityLevelConfigurationSpec>): FieldError[] {
  const isExempt = name === "exempt";
  const findings: FieldError[] = [];
  if (isExempt !== (spec.type === "Exempt"))
    findings.push(bad("spec.type", spec.type, "type must be 'Exempt' if and only if name is 'exempt'"));
  findings.push(...validateUnion(spec));
  if (!isExempt) return [...findings, ...validateMandatory(name, spec, mandatoryLevels)];
  // What it lends is its administrators' business.
  if (spec.type === "Exempt" && !spec.limited) return findings;
  const detail = "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value";
  return [...findings, bad("spec", spec, detail)];
}

function validateUnion({ type, limited, exempt }: DeepReadonly<PriorityLevelConfigurationSpec>): FieldError[] {
  if (type === "Exempt") {
    return [
      ...(limited ? [forbidden("spec.limited", "must be nil if the type is not Limited")] : []),
      ...nonNegative("spec.exempt.nominalConcurrencyShares", exempt?.nominalConcurrencyShares),
      ...between("spec.exempt.lendablePercent", exempt?.lendablePercent, 0, 100),
    ];
  }
  if (type !== "Limited") return [unsupported("spec.type", type, ["Exempt", "Limited"])];
  return [
    ...(exempt ? [forbidden("spec.exempt", "must be nil if the type is Limited")] : []),
    ...(limited ? validateLimited(limited) : [required("spec.limited", "must not be empty when type is Limited")]),
  ];
}

function validateLimited(limited: DeepReadonly<LimitedPriorityLevelConfiguration>): FieldError[] {
  const path = "spec.limited";
  const { nominalConcurrencyShares: shares, lendablePercent, borrowingLimitPercent, limitResponse } = limited;
  const findings: FieldError[] = [];
  if (shares !== undefined && shares < 0) {
    findings.push(bad(`${path}.nominalConcurrencyShares`, shares, "must be a non-negative integer"));
  }
  findings.push(
    ...between(`${path}.lendablePercent`, lendablePercent, 0, 100),
    ...nonNegative(`${path}.borrowingLimitPercent`, borrowingLimitPercent),
  );
  const { type = "", queuing } = limitResponse ?? {};
  const at = `${path}.limitResponse`;
  if (type === "Reject") {
    if (queuing) findings.push(forbidden(`${at}.queuing`, "must be nil if limited.limitResponse.type is not Limited"));
  } else if (type !== "Queue") {
    findings.push(unsupported(`${at}.type`, type, ["Queue", "Reject"]));
  } else if (!queuing) {
    findings.push(required(`${at}.queuing`, "must not be empty if limited.limitResponse.type is Limited"));
  } else {
    findings.push(...validateQueuing(queuing, `${at}.queuing`));
  }
  return findings;
}

/** What the hash of a flow has to deal a hand by. */
const mostEntropyBits = 60;

function entropyBits(queues: number, handSize: number): number {
  return Math.ceil(Math.log2(queues) * handSize);
}

const mostQueues = 10_000_000;

function validateQueuing(
  {
    queues = 0,
    handSize = 0,
    queueLengthLimit = 0,
  }: { readonly queues?: number; readonly handSize?: number; readonly queueLengthLimit?: number },
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (queueLengthLimit <= 0) findings.push(bad(`${path}.queueLengthLimit`, queueLengthLimit, "must be positive"));
  if (queues <= 0) findings.push(bad(`${path}.queues`, queues, "must be positive"));
  else if (queues > mostQueues) findings.push(bad(`${path}.queues`, queues, `must not be greater than ${mostQueues}`));
  if (handSize <= 0) findings.push(bad(`${path}.handSize`, handSize, "must be positive"));
  else if (handSize > queues) {
    findings.push(bad(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`));
  } else if (entropyBits(queues, handSize) > mostEntropyBits) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostEntropyBits}`;
    findings.push(bad(`${path}.handSize`, handSize, detail));
  }
  return findings;
}
