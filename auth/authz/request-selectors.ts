import { type FieldRequirement, parseFieldSelector } from "../../api/machinery/fields.ts";
import { parseLabelSelector } from "../../api/machinery/label-query.ts";
import type { LabelRequirement } from "../../api/machinery/labels.ts";
import { ApiError } from "../../api/machinery/status.ts";

/** What a request for several objects is narrowed to. Without requirements: to nothing that an authorizer may count on. */
export interface RequestSelectors {
  readonly fields: readonly FieldRequirement[];
  readonly labels: readonly LabelRequirement[];
}

/**
 * The selectors of a query, read when an authorizer looks at them: most never do. One that cannot be read narrows
 * nothing here, and is refused by the verb.
 */
export function requestSelectors(fieldSelector: string, labelSelector: string): RequestSelectors {
  let fields: readonly FieldRequirement[] | undefined;
  let labels: readonly LabelRequirement[] | undefined;
  return {
    get fields() {
      return (fields ??= orNone(() => parseFieldSelector(fieldSelector)));
    },
    get labels() {
      return (labels ??= orNone(() => parseLabelSelector(labelSelector).requirements));
    },
  };
}

function orNone<T>(parse: () => readonly T[]): readonly T[] {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof ApiError) return [];
    throw thrown;
  }
}
