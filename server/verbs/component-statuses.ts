import type { ComponentStatus } from "../../api/generated/types/core-v1.ts";
import { notFound } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { encodeStored } from "../encoding/stored.ts";
import { Record } from "../watch-cache/record.ts";
import { selects } from "../watch-cache/selection.ts";
import { answerRecord } from "./answer.ts";
import { formFor, type ResourceRequest, type VerbDeps } from "./context.ts";
import { selectionOf } from "./selection.ts";

/** A part of the control plane; `check` tells why it fails, undefined when all is well. */
export interface ComponentCheck {
  readonly name: string;
  check(): string | undefined | Promise<string | undefined>;
}

/** How the parts of the control plane are, asked now: `kubectl get componentstatuses`. Deprecated upstream since v1.19. */
export async function componentStatuses(
  request: ResourceRequest,
  checks: readonly ComponentCheck[],
  deps: VerbDeps,
): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const { target, kind } = request;
  if (target.verb === "get") {
    const check = checks.find(({ name }) => name === target.name);
    if (check === undefined) throw notFound(kind.row.groupResource, target.name);
    return answerRecord(200, await recordOf(check), form);
  }
  const selection = selectionOf(request);
  const all = await Promise.all(checks.map(recordOf));
  return {
    status: 200,
    headers: { "content-type": form.contentType, "cache-control": "no-cache, private" },
    body: {
      type: "chunks",
      chunks: form.list(
        { resourceVersion: "" },
        all.filter(({ meta }) => selects(selection, meta)),
      ),
    },
  };
}

async function recordOf(check: ComponentCheck): Promise<Record> {
  const { name } = check;
  const error = await check.check();
  const status: ComponentStatus = {
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name },
    conditions: [
      error === undefined
        ? { type: "Healthy", status: "True", message: "ok" }
        : { type: "Healthy", status: "False", message: error },
    ],
  };
  const meta = { namespace: "", name, labels: undefined, fields: undefined };
  return new Record(name, 0, meta, encodeStored(status));
}
