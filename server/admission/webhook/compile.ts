import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { CelProgram } from "../../../api/cel/cel.ts";
import { lenientSelectorOf, type LabelSelector } from "../../../api/machinery/label-selector.ts";
import type { Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { ConditionSupport, Webhook } from "./webhook.ts";

type Configuration = DeepReadonly<ValidatingWebhookConfiguration | MutatingWebhookConfiguration>;

/** All webhooks by the names of their configurations, in the order that these give. */
function compileWebhooks(
  configurations: readonly Configuration[],
  support: Pick<ConditionSupport, "compile">,
): readonly Webhook[] {
  const sorted = configurations.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const webhooks: Webhook[] = [];
  for (const configuration of sorted) {
    for (const [place, hook] of (configuration.webhooks ?? []).entries()) {
      let compiled: readonly CelProgram[] | undefined;
      webhooks.push({
        configuration: nameOf(configuration),
        name: hook.name,
        uid: `${nameOf(configuration)}/${hook.name}/${place}`,
        index: webhooks.length,
        hook,
        rules: hook.rules ?? [],
        namespaceSelector: selectorOrAll(hook.namespaceSelector),
        objectSelector: selectorOrAll(hook.objectSelector),
        conditions: () =>
          (compiled ??= (hook.matchConditions ?? []).map(({ expression }) => support.compile(expression))),
      });
    }
  }
  return webhooks;
}

function nameOf({ metadata }: Configuration): string {
  return metadata?.name ?? "";
}

function selectorOrAll(selector: DeepReadonly<LabelSelector> | null | undefined): Selector {
  return lenientSelectorOf(selector ?? {});
}

/** The webhooks that the configurations of a resource name now, compiled once for each of its generations. */
export function configuredWebhooks(
  resource: "validatingwebhookconfigurations" | "mutatingwebhookconfigurations",
  { reader, support }: { readonly reader: ObjectReader; readonly support: ConditionSupport },
): () => Promise<readonly Webhook[]> {
  const full = `${resource}.admissionregistration.k8s.io`;
  let known: { readonly generation: number; readonly webhooks: readonly Webhook[] } | undefined;
  return async () => {
    const generation = await reader.generation(full);
    if (known?.generation !== generation) {
      const webhooks = compileWebhooks(await reader.list(full), support);
      known = { generation, webhooks };
    }
    return known.webhooks;
  };
}
