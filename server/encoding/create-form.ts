import type { Clock } from "../../base/clock.ts";
import type { Form } from "./form.ts";
import { JsonForm } from "./json-form.ts";
import type { Kind, KindVersion } from "./kind.ts";
import { MetadataForm } from "./metadata-form.ts";
import type { Accepted } from "./negotiate.ts";
import { ProtobufForm } from "./protobuf-form.ts";
import { TableForm, type IncludeObject } from "./table-form.ts";
import { createVersionView } from "./version-view.ts";
import { YamlForm } from "./yaml-form.ts";

/** The form that the client accepts. A table keeps state for one watch: make a form per request. */
export function createForm(
  kind: Kind,
  version: KindVersion,
  options: { readonly accepted: Accepted; readonly include: IncludeObject; readonly clock: Clock },
): Form {
  const { accepted, include, clock } = options;
  const view = createVersionView(kind, version);
  if (accepted.as?.kind === "Table") return new TableForm(kind, view, { clock, include, version: accepted.as.version });
  if (accepted.as !== undefined) return new MetadataForm(view, accepted);
  switch (accepted.mediaType) {
    case "protobuf":
      return new ProtobufForm(kind, view);
    case "yaml":
      return new YamlForm(new JsonForm(kind, view, { pretty: false }));
    case "json":
      return new JsonForm(kind, view, { pretty: accepted.pretty });
  }
}
