import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { CelInput, CelProgram } from "../../../api/cel/cel.ts";
import type { Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { AdmissionRequest } from "../plugin.ts";

/** One webhook of one configuration, ready to be asked. */
export interface Webhook {
  readonly configuration: string;
  readonly name: string;
  /** Tells webhooks of one name apart. */
  readonly uid: string;
  /** Its place among all webhooks of its type. */
  readonly index: number;
  readonly hook: DeepReadonly<ValidatingWebhook | MutatingWebhook>;
  readonly rules: readonly DeepReadonly<RuleWithOperations>[];
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
  /** Compiled when they are first needed. */
  conditions(): readonly CelProgram[];
}

/** What match conditions are compiled and evaluated with. */
export interface ConditionSupport {
  /** In the environment of match conditions: object, oldObject, request, authorizer. Throws CelError. */
  compile(expression: string): CelProgram;
  /** What conditions may name besides object, oldObject and request: the authorizer, asked for this request. */
  variables(request: AdmissionRequest): Readonly<Record<string, CelInput>>;
}
