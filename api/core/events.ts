import type { Event } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { nameColumn } from "../machinery/printing/columns.ts";
import { type Cell, defineResource, type PrintContext, type ResourceRow } from "../resource.ts";
import { eventFromHub, eventToHub } from "./event-conversion.ts";

type ReadonlyEvent = DeepReadonly<Event>;

const involved =
  (field: keyof Event["involvedObject"]) =>
  (event: ReadonlyEvent): string =>
    event.involvedObject?.[field] ?? "";

export const events: ResourceRow = defineResource<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.Event",
  alsoServedAs: [
    {
      group: "events.k8s.io",
      version: "v1",
      definition: "io.k8s.api.events.v1.Event",
      toHub: eventToHub,
      fromHub: eventFromHub,
    },
  ],
  storageVersionHash: "r2yiGXH7wu8=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  defaultPropagation: "none",
  ttlSeconds: 3600,
  validate,
  selectableFields: {
    "involvedObject.kind": involved("kind"),
    "involvedObject.namespace": involved("namespace"),
    "involvedObject.name": involved("name"),
    "involvedObject.uid": involved("uid"),
    "involvedObject.apiVersion": involved("apiVersion"),
    "involvedObject.resourceVersion": involved("resourceVersion"),
    "involvedObject.fieldPath": involved("fieldPath"),
    reason: ({ reason }) => reason ?? "",
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? "",
    source: ({ source, reportingComponent }) => source?.component || reportingComponent || "",
    type: ({ type }) => type ?? "",
  },
  selectableFieldsOf: {
    "events.k8s.io/v1": {
      "regarding.kind": involved("kind"),
      "regarding.namespace": involved("namespace"),
      "regarding.name": involved("name"),
      "regarding.uid": involved("uid"),
      "regarding.apiVersion": involved("apiVersion"),
      "regarding.resourceVersion": involved("resourceVersion"),
      "regarding.fieldPath": involved("fieldPath"),
      reason: ({ reason }) => reason ?? "",
      reportingController: ({ reportingComponent }) => reportingComponent ?? "",
      type: ({ type }) => type ?? "",
    },
  },
  table: {
    columns: [
      { name: "Last Seen", type: "string", description: "When it happened last." },
      { name: "Type", type: "string", description: "Normal, or Warning." },
      { name: "Reason", type: "string", description: "What happened, in one word for programs." },
      { name: "Object", type: "string", description: "What it happened to." },
      { name: "Subobject", type: "string", priority: 1, description: "Which part of the object." },
      { name: "Source", type: "string", priority: 1, description: "Who says so, and where it runs." },
      { name: "Message", type: "string", description: "What happened, for people." },
      { name: "First Seen", type: "string", priority: 1, description: "When it happened first." },
      { name: "Count", type: "string", priority: 1, description: "How often it happened." },
      { ...nameColumn, priority: 1 },
    ],
    cells,
  },
});

/** The old fields, or what the newer API has in their place: eventTime and series. */
function cells(event: ReadonlyEvent, { now }: PrintContext): readonly Cell[] {
  const { series, involvedObject: object } = event;
  const first = event.firstTimestamp ?? event.eventTime;
  const kind = (object?.kind ?? "").toLowerCase();
  return [
    age(series === undefined ? (event.lastTimestamp ?? first) : series.lastObservedTime, now),
    event.type ?? "",
    event.reason ?? "",
    object?.name ? `${kind}/${object.name}` : kind,
    object?.fieldPath ?? "",
    source(event),
    (event.message ?? "").trim(),
    age(first, now),
    (series === undefined ? event.count : series.count) || 1,
    event.metadata?.name ?? "",
  ];
}

function source(event: ReadonlyEvent): string {
  const component = event.source?.component || event.reportingComponent || "";
  const instance = event.source?.host || event.reportingInstance || "";
  return instance === "" ? component : `${component}, ${instance}`;
}

function validate(event: ReadonlyEvent): FieldError[] {
  const at = event.involvedObject?.namespace ?? "";
  const own = event.metadata?.namespace ?? "";
  const findings: FieldError[] = [];
  // What happens to a cluster-scoped object is told in the default namespace.
  const fits = at === "" ? own === "default" || own === "kube-system" || own === "" : at === own;
  if (!fits) findings.push(bad("involvedObject.namespace", at, "does not match event.namespace"));
  if (!event.eventTime) return findings;
  const controller = event.reportingComponent ?? "";
  if (controller === "") findings.push(required("reportingController"));
  findings.push(...named("reportingController", controller, labelKey(controller)));
  if (!event.reportingInstance) findings.push(required("reportingInstance"));
  if (!event.action) findings.push(required("action"));
  if (!event.reason) findings.push(required("reason"));
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    if ((event[field]?.length ?? 0) > 128) findings.push(bad(field, "", "can have at most 128 characters"));
  }
  if ((event.message?.length ?? 0) > 1024) findings.push(bad("message", "", "can have at most 1024 characters"));
  return findings;
}
