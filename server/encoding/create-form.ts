import type { Clock } from "../../base/clock.ts";
import type { Form } from "./form.ts";
import { JsonForm } from "./json-form.ts";
import type { Kind, KindVersion } from "./kind.ts";
import { MetadataForm } from "./metadata-form.ts";
import type { Accepted } from "./negotiate.ts";
import { ProtobufForm } from "./protobuf-form.ts";
import { TableForm, type IncludeObject } from "./table-form.ts";
import { YamlForm } from "./yaml-form.ts";

/** The form that the client accepts. A table keeps state for one watch: make a form per request. */
export function createForm(
  kind: Kind,
  version: KindVersion,
  options: { readonly accepted: Accepted; readonly include: IncludeObject; readonly clock: Clock },
): Form {
  const { accepted, include, clock } = options;
  if (accepted.as?.kind === "Table")
    return new TableForm(kind, version, { clock, include, version: accepted.as.version });
  if (accepted.as !== undefined) return new MetadataForm(accepted);
  switch (accepted.mediaType) {
    case "protobuf":
      return new ProtobufForm(kind, version);
    case "yaml":
      return new YamlForm(new JsonForm(kind, version, { pretty: false }));
    case "json":
      return new JsonForm(kind, version, { pretty: accepted.pretty });
  }
}
