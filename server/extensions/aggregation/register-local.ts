import type { APIService } from "../../../api/generated/types/apiregistration-v1.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Transport } from "../../../api/wire.ts";
import { call } from "../../../client/call.ts";
import type { ObjectReader } from "../../admission/object-reader.ts";
import { planLocal, type LocalGroupVersion, type Step } from "./local-plan.ts";
import { apiServices } from "./remote-services.ts";

export interface RegisterLocalDeps {
  /** What this server serves now, custom resources too; the same array as long as that stays. */
  readonly served: () => readonly LocalGroupVersion[];
  readonly reader: ObjectReader;
  /** As `system:apiserver`. */
  readonly transport: Transport;
}

/** Makes the APIServices of what this server serves agree with it; the first run is the one at the start. */
export function createLocalRegistration({ served, reader, transport }: RegisterLocalDeps): () => Promise<void> {
  let agreed: { readonly generation: number; readonly served: readonly LocalGroupVersion[] } | undefined;
  return async () => {
    const now = { generation: await reader.generation(apiServices), served: served() };
    if (agreed?.generation === now.generation && agreed.served === now.served) return;
    const existing = await reader.list<APIService>(apiServices);
    const steps = planLocal(now.served, existing, { starting: agreed === undefined });
    await Promise.all(steps.map((step) => carryOut(step, transport)));
    agreed = now;
  };
}

const collection = "/apis/apiregistration.k8s.io/v1/apiservices";

/** Another writer's success is as good as ours: the next run sees what it left. */
async function carryOut(step: Step, transport: Transport): Promise<void> {
  try {
    switch (step.does) {
      case "create":
        await call(transport, { method: "POST", url: collection, body: step.object });
        return;
      case "replace":
        await call(transport, { method: "PUT", url: urlOf(step.object.metadata?.name), body: step.object });
        return;
      case "delete":
        await call(transport, { method: "DELETE", url: urlOf(step.name) });
    }
  } catch (thrown) {
    const isOvertaken = thrown instanceof ApiError && (thrown.code === 409 || thrown.code === 404);
    if (!isOvertaken) throw thrown;
  }
}

function urlOf(name = ""): string {
  return `${collection}/${encodeURIComponent(name)}`;
}
