import type { WebhookConversion } from "../../../../api/generated/types/apiextensions-v1.ts";
import { spokenReviewVersions } from "../../../../api/apiextensions/conversion-validation.ts";
import { deepClone } from "../../../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../../../../api/machinery/object.ts";
import { ApiError } from "../../../../api/machinery/status.ts";
import type { Conversion } from "../../../encoding/conversion.ts";
import type { KindVersion } from "../../../encoding/kind.ts";
import { WebhookError, type CallWebhook, type WebhookTarget } from "../../../webhook/webhook.ts";
import { acceptConverted, BadReview, readReview, reviewRequest, type Place } from "./review.ts";
import { settle } from "./settle.ts";

const timeoutMs = 30_000;
const query = { timeout: `${timeoutMs / 1000}s` };

export interface WebhookConversionDeps {
  readonly call: CallWebhook;
  readonly uuid: () => string;
  /** Ends all calls when the server stops. */
  readonly signal: AbortSignal;
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion */
export function webhookConversion(webhook: DeepReadonly<WebhookConversion>, deps: WebhookConversionDeps): Conversion {
  const version = webhook.conversionReviewVersions.find((one) => spokenReviewVersions.includes(one));
  return {
    async convert(objects, to) {
      const foreign = objects.filter(({ apiVersion }) => apiVersion !== to.apiVersion);
      const [first] = foreign;
      if (first === undefined) return objects.map((object) => settle(deepClone<KubeObject>(object), to));
      if (version === undefined) throw failed("no supported conversion review versions");
      const converted = await ask(foreign, to, { webhook, version, deps });
      let next = 0;
      return objects.map((object) => {
        const own = object.apiVersion === to.apiVersion ? undefined : converted[next++];
        return settle(own ?? deepClone<KubeObject>(object), to);
      });
    },
  };
}

async function ask(
  objects: readonly DeepReadonly<KubeObject>[],
  to: KindVersion,
  how: {
    readonly webhook: DeepReadonly<WebhookConversion>;
    readonly version: string;
    readonly deps: WebhookConversionDeps;
  },
): Promise<readonly KubeObject[]> {
  const { webhook, version, deps } = how;
  const uid = deps.uuid();
  const review = reviewRequest(objects, { uid, version, desiredAPIVersion: to.apiVersion });
  const of = `conversion webhook for ${objects[0]?.apiVersion ?? ""}, Kind=${objects[0]?.kind ?? ""}`;
  try {
    const target = targetOf(webhook.clientConfig ?? {});
    const answer = await deps.call(target, review, { timeoutMs, signal: deps.signal, query });
    const converted = readReview(answer, { uid, version });
    if (converted.length !== objects.length)
      throw new BadReview(` returned ${converted.length} objects, expected ${objects.length}`);
    return objects.map((object, index) =>
      acceptConverted(converted[index], object, to.apiVersion, placeOf(index, objects.length)),
    );
  } catch (thrown) {
    if (thrown instanceof BadReview) throw failed(of + thrown.message);
    if (thrown instanceof WebhookError) throw failed(`${of} failed: ${thrown.message}`, thrown);
    throw thrown;
  }
}

/** How messages name an object among those that were sent. */
function placeOf(index: number, count: number): Place {
  if (count === 1) return { object: "object", versioned: "object at index 0", metadata: "metadata" };
  const object = `converted object at index ${index}`;
  return { object, versioned: object, metadata: `metadata in object at index ${index}` };
}

function targetOf({
  url,
  service,
  caBundle,
}: NonNullable<DeepReadonly<WebhookConversion["clientConfig"]>>): WebhookTarget {
  return {
    ...(url === undefined ? {} : { url }),
    ...(service === undefined ? {} : { service }),
    ...(caBundle === undefined ? {} : { caBundle }),
  };
}

/** Upstream hands such errors on as they are: a 500 without a reason. */
function failed(message: string, cause?: unknown): ApiError {
  return new ApiError("", message, { code: 500, cause });
}
