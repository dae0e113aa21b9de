import type { CelInput } from "../../../api/cel/cel.ts";
import type { Namespace } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly, JsonObject } from "../../../api/machinery/object.ts";
import type { Authorizer } from "../../../auth/authz/authorizer.ts";
import { authorizerVariables } from "../match-environment.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { requestFields, type Shown } from "../webhook/review.ts";
import type { Inputs } from "./evaluation.ts";
import type { Params } from "./params.ts";

/** What the expressions of one request have in common. */
export interface RequestInputs {
  /** Some expressions may not ask the authorizer. */
  of(shown: Shown, params: Params, namespace: object | null, options: { readonly authorized: boolean }): Inputs;
}

export function createRequestInputs(request: AdmissionRequest, authorize: Authorizer): RequestInputs {
  const fields = new WeakMap<Shown, JsonObject>();
  let authorizers: Readonly<Record<string, CelInput>> | undefined;
  return {
    of(shown, params, namespaceObject, { authorized }) {
      const inputs: Inputs = {
        object: shown.object ?? null,
        oldObject: shown.old ?? null,
        params,
        namespaceObject,
        ...(authorized ? (authorizers ??= authorizerVariables(request, authorize)) : {}),
      };
      // Few expressions look at it.
      Object.defineProperty(inputs, "request", {
        enumerable: true,
        get: () => {
          const known = fields.get(shown) ?? requestFields(shown);
          fields.set(shown, known);
          return known;
        },
      });
      return inputs;
    },
  };
}

/** `namespaceObject`: without owners and managed fields. */
export function namespaceInput({ metadata = {}, spec, status }: DeepReadonly<Namespace>): object {
  const { ownerReferences: _owners, managedFields: _managed, ...shown } = metadata;
  return { metadata: shown, spec: spec ?? {}, status: status ?? {} };
}
