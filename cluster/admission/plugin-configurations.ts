import { validateTolerations } from "../../api/core/pod-scheduling-validation.ts";
import { required } from "../../api/machinery/findings.ts";
import type { AdmissionOptions } from "../../server/admission/create-chain.ts";
import { eventLimitTypes, validateEventLimits } from "../../server/admission/event-rate-limit/validate-event-limits.ts";
import { settingsOf } from "../../server/admission/pod-security/configuration.ts";
import { OptionError } from "../option-error.ts";
import { document, fieldProblem, integer, list, map, oneOf, struct, text, type Reader } from "./read-fields.ts";
import { webhookUsers } from "./webhook-users.ts";

/**
 * What a plugin's own configuration says, as our options. A plugin without one is refused.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
export function readPluginConfiguration(
  plugin: string,
  configuration: unknown,
): AdmissionOptions | Promise<AdmissionOptions> {
  const read = readers.get(plugin);
  if (read === undefined) throw new OptionError(`${plugin} takes no configuration; leave it out`);
  const refuse = (thrown: unknown): never => {
    if (thrown instanceof OptionError) throw new OptionError(`${plugin}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  };
  try {
    const options = read(configuration, "");
    return options instanceof Promise ? options.catch(refuse) : options;
  } catch (thrown) {
    return refuse(thrown);
  }
}

const toleration = struct({
  key: text,
  operator: text,
  value: text,
  effect: text,
  tolerationSeconds: integer,
});

const podTolerationRestriction: Reader<AdmissionOptions> = (value) => {
  const read = document(["podtolerationrestriction.admission.k8s.io/v1alpha1 Configuration"], {
    default: list(toleration),
    whitelist: list(toleration),
  });
  const config = read(value, "");
  const [problem] = [
    ...validateTolerations(config.default ?? [], "default"),
    ...validateTolerations(config.whitelist ?? [], "whitelist"),
  ];
  if (problem !== undefined) throw fieldProblem(problem);
  return {
    podTolerationRestriction: {
      ...(config.default === undefined ? {} : { default: config.default }),
      ...(config.whitelist === undefined ? {} : { whitelist: config.whitelist }),
    },
  };
};

const podSecurity: Reader<AdmissionOptions> = (value) => {
  const group = "pod-security.admission.config.k8s.io";
  const read = document(
    ["v1", "v1beta1", "v1alpha1"].map((version) => `${group}/${version} PodSecurityConfiguration`),
    {
      defaults: struct({
        enforce: text,
        "enforce-version": text,
        audit: text,
        "audit-version": text,
        warn: text,
        "warn-version": text,
      }),
      exemptions: struct({ usernames: list(text), namespaces: list(text), runtimeClasses: list(text) }),
    },
  );
  const { defaults = {}, exemptions = {} } = read(value, "");
  const configuration = { defaults, exemptions };
  const [problem] = settingsOf(configuration).problems;
  if (problem !== undefined) throw fieldProblem(problem);
  return { podSecurity: configuration };
};

const eventLimit = struct({ type: text, qps: integer, burst: integer, cacheSize: integer });
const eventLimitType = oneOf(eventLimitTypes);

const eventRateLimit: Reader<AdmissionOptions> = (value) => {
  const read = document(["eventratelimit.admission.k8s.io/v1alpha1 Configuration"], { limits: list(eventLimit) });
  const limits = (read(value, "").limits ?? []).map(({ type = "", qps = 0, burst = 0, cacheSize = 0 }, index) => ({
    type: eventLimitType(type, `limits[${index}].type`),
    qps,
    burst,
    cacheSize,
  }));
  const [problem] = validateEventLimits(limits);
  if (problem !== undefined) throw fieldProblem(problem);
  return { eventRateLimit: limits };
};

const limitedResource = struct({
  apiGroup: text,
  resource: text,
  matchContains: list(text),
  matchScopes: list(struct({ scopeName: text, operator: text, values: list(text) })),
});

const resourceQuota: Reader<AdmissionOptions> = (value) => {
  const kinds = [
    "apiserver.config.k8s.io/v1 ResourceQuotaConfiguration",
    "resourcequota.admission.k8s.io/v1beta1 Configuration",
    "resourcequota.admission.k8s.io/v1alpha1 Configuration",
  ];
  const { limitedResources = [] } = document(kinds, { limitedResources: list(limitedResource) })(value, "");
  return {
    resourceQuota: limitedResources.map(({ resource = "", matchScopes = [], ...others }, index) => {
      if (resource === "") throw fieldProblem(required(`limitedResources[${index}].resource`));
      const scopes = matchScopes.map(({ scopeName = "", operator = "", ...rest }) => ({
        scopeName,
        operator,
        ...rest,
      }));
      return { ...others, resource, matchScopes: scopes };
    }),
  };
};

const podNodeSelector: Reader<AdmissionOptions> = (value, path) => {
  const { podNodeSelectorPluginConfig: config } = struct({ podNodeSelectorPluginConfig: map(text) })(value, path);
  return { podNodeSelector: config ?? {} };
};

/** A promise where another file has to be read. */
const readers: ReadonlyMap<string, Reader<AdmissionOptions | Promise<AdmissionOptions>>> = new Map<
  string,
  Reader<AdmissionOptions | Promise<AdmissionOptions>>
>([
  ["EventRateLimit", eventRateLimit],
  ["MutatingAdmissionWebhook", async (value) => ({ mutatingWebhookUsers: await webhookUsers(value) })],
  ["PodNodeSelector", podNodeSelector],
  ["PodSecurity", podSecurity],
  ["PodTolerationRestriction", podTolerationRestriction],
  ["ResourceQuota", resourceQuota],
  ["ValidatingAdmissionWebhook", async (value) => ({ validatingWebhookUsers: await webhookUsers(value) })],
]);
