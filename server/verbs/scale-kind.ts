import { age } from "../../api/machinery/printing/age.ts";
import { ageColumn } from "../../api/machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../../api/resource.ts";
import { createKind, type Kind, type VersionCodec } from "../encoding/kind.ts";
import { encodeStored } from "../encoding/stored.ts";
import { Record } from "../watch-cache/record.ts";
import type { Scale } from "./scale-object.ts";

const row: ResourceRow = defineResource<Scale>({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  plural: "scales",
  scope: "Namespaced",
  definition: "io.k8s.api.autoscaling.v1.Scale",
  stored: false,
  table: {
    columns: [
      { name: "Name", type: "string", description: "Name of the object that is scaled." },
      { name: "Desired", type: "integer", description: "How many replicas there should be." },
      { name: "Available", type: "integer", description: "How many replicas there are." },
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.replicas ?? 0,
      status.replicas,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

/** Scales are no resource of their own, and shown as any other object: whole, as a table, or their metadata. */
export function createScaleKind(codec: VersionCodec): Kind {
  return createKind(row, () => codec);
}

/** A scale as forms take it, at the revision of its parent. */
export function scaleRecord(scale: Scale): Record {
  const { name = "", namespace = "", resourceVersion = "0" } = scale.metadata ?? {};
  const meta = { namespace, name, labels: undefined, fields: undefined };
  const revision = Number(resourceVersion);
  return new Record("scale", revision, meta, encodeStored(scale));
}
