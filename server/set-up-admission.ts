import type { Authorizer } from "../auth/authz/authorizer.ts";
import { createCelEnvironment } from "../api/cel/environment.ts";
import { realClock } from "../base/clock.ts";
import { createAdmissionChain } from "./admission/create-chain.ts";
import { authorizerVariables, requestVariables } from "./admission/match-environment.ts";
import type { AdmissionChain } from "./admission/plugin.ts";
import type { Resources } from "./create-resources.ts";
import type { ServerOptions } from "./server-options.ts";
import { internalWrite } from "./strategy/write-request.ts";

/** The plugins that the options ask for, with what they need to know of a server's resources. */
export function setUpAdmission(
  resources: Resources,
  authorize: Authorizer,
  { clock, random, log, admission = {} }: ServerOptions,
): AdmissionChain {
  const { reader, writer, objects, kinds, kindOf, callWebhook, codecs, scaleKind } = resources;
  const matching = createCelEnvironment({ variables: requestVariables });
  const throughSubresources = new Map([
    ["autoscaling/v1 Scale", scaleKind.hub],
    ["v1 Binding", codecs.binding],
    ["policy/v1 Eviction", codecs.eviction],
  ]);
  return createAdmissionChain(
    {
      reader,
      writer,
      clock,
      random,
      timers: realClock,
      log,
      call: callWebhook,
      codecOf: (apiVersion, kind) => throughSubresources.get(`${apiVersion} ${kind}`),
      authorize,
      support: {
        compile: (expression) => matching.compile(expression, { returns: [{ type: "bool" }] }),
        variables: (request) => authorizerVariables(request, authorize),
      },
      resourcesOf: (apiVersion, kind) => kinds.ofKind(apiVersion, kind),
      kindOf,
      async provisionNamespace(name) {
        const namespaces = kindOf("namespaces");
        if (namespaces !== undefined) await objects.create(internalWrite(namespaces, { name }), { metadata: { name } });
      },
    },
    admission,
  );
}
