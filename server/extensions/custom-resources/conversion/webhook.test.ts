import { describe, expect, it } from "vitest";
import type { JsonObject, KubeObject } from "../../../../api/machinery/object.ts";
import type { KindVersion } from "../../../encoding/kind.ts";
import { WebhookError, type CallWebhook } from "../../../webhook/webhook.ts";
import { webhookConversion } from "./webhook.ts";

interface Asked {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly (KubeObject & JsonObject)[];
}

/** Only what a conversion needs of a version. */
const v2 = {
  apiVersion: "example.com/v2",
  conform: (value: unknown) => ({ object: value as KubeObject, unknown: [] }),
  default: (object: KubeObject & { defaulted?: boolean }) => void (object.defaulted = true),
} as unknown as KindVersion;

const boat = (name: string, apiVersion = "example.com/v1"): KubeObject => ({
  apiVersion,
  kind: "Boat",
  metadata: { name, uid: `u-${name}`, labels: { a: "b" } },
});

function conversion(answer: (asked: Asked) => object, versions = ["v1"]): ReturnType<typeof webhookConversion> {
  const call: CallWebhook = async (_target, review) => {
    const asked = review["request"] as unknown as Asked;
    return { kind: "ConversionReview", apiVersion: review["apiVersion"] ?? "", ...answer(asked) };
  };
  return webhookConversion(
    { clientConfig: { url: "https://x" }, conversionReviewVersions: versions },
    { call, uuid: () => "uid", signal: new AbortController().signal },
  );
}

function success(objects: (asked: Asked) => readonly object[]): (asked: Asked) => object {
  return (asked) => ({ response: { uid: asked.uid, convertedObjects: objects(asked), result: { status: "Success" } } });
}

const converted = ({ objects, desiredAPIVersion }: Asked): object[] =>
  objects.map((object) => ({ ...object, apiVersion: desiredAPIVersion }));

describe("a conversion webhook", () => {
  it("is told how long its answer is waited for", async () => {
    const queries: unknown[] = [];
    const webhook = { clientConfig: { url: "https://x" }, conversionReviewVersions: ["v1"] };
    const call: CallWebhook = async (_target, _review, { query }) => {
      queries.push(query);
      throw new WebhookError("gone");
    };
    const deps = { call, uuid: () => "uid", signal: new AbortController().signal };
    await expect(webhookConversion(webhook, deps).convert([boat("a")], v2)).rejects.toThrow("failed: gone");
    expect(queries).toEqual([{ timeout: "30s" }]);
  });

  it("is asked for what has another version, in order, and may change labels and annotations", async () => {
    const relabelled = success((asked) =>
      converted(asked).map((object) => ({
        ...object,
        metadata: { ...(object as KubeObject).metadata, labels: { new: "label" }, generation: 99 },
      })),
    );
    const objects = [boat("a"), boat("b", "example.com/v2"), boat("c")];
    expect(await conversion(relabelled).convert(objects, v2)).toMatchObject([
      { apiVersion: "example.com/v2", metadata: { name: "a", labels: { new: "label" } }, defaulted: true },
      { apiVersion: "example.com/v2", metadata: { name: "b", labels: { a: "b" } } },
      { apiVersion: "example.com/v2", metadata: { name: "c" } },
    ]);
    const [first] = await conversion(relabelled).convert(objects, v2);
    expect(first?.metadata).not.toHaveProperty("generation");
  });

  const bad = (change: (object: KubeObject) => object): ((asked: Asked) => object) =>
    success((asked) => converted(asked).map((object) => change(object as KubeObject)));
  it.each<[string, (asked: Asked) => object, string]>([
    ["another uid", () => ({ response: { uid: "x" } }), ' failed: expected response.uid="uid", got "x"'],
    ["no response", () => ({}), " failed: no response provided"],
    [
      "another kind of answer",
      () => ({ kind: "Review" }),
      " failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind=Review",
    ],
    [
      "a failure",
      ({ uid }) => ({ response: { uid, result: { status: "Failure", message: "no such wind" } } }),
      " failed: no such wind",
    ],
    [
      "neither",
      ({ uid }) => ({ response: { uid, result: { status: "Maybe" } } }),
      " failed: response.result.status was 'Maybe', not 'Success'",
    ],
    ["nothing", success(() => []), " returned 0 objects, expected 1"],
    [
      "the version that was",
      success(({ objects }) => objects),
      " returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)",
    ],
    [
      "another kind",
      bad((object) => ({ ...object, kind: "Ship" })),
      " returned invalid object at index 0: invalid kind (expected Boat, received Ship)",
    ],
    [
      "another name",
      bad((object) => ({ ...object, metadata: { ...object.metadata, name: "z" } })),
      " returned invalid object: must have the same name: a != z",
    ],
    [
      "another UID",
      bad((object) => ({ ...object, metadata: { ...object.metadata, uid: "z" } })),
      " returned invalid object: must have the same UID: u-a != z",
    ],
    [
      "no metadata",
      bad(({ metadata: _gone, ...object }) => object),
      " returned invalid metadata: missing metadata in converted object",
    ],
    [
      "labels of numbers",
      bad((object) => ({ ...object, metadata: { ...object.metadata, labels: { x: 1 } } })),
      " returned invalid metadata: metadata.labels[x] must be a string, but is number in converted object",
    ],
    [
      "bad labels",
      bad((object) => ({ ...object, metadata: { ...object.metadata, labels: { "a b": "" } } })),
      ' returned invalid metadata: metadata.labels: Invalid value: "a b"',
    ],
  ])("that answers with %s fails", async (_what, answer, message) => {
    const failing = Promise.resolve(conversion(answer).convert([boat("a")], v2));
    await expect(failing).rejects.toMatchObject({
      code: 500,
      message: expect.stringContaining(`conversion webhook for example.com/v1, Kind=Boat${message}`),
    });
  });

  it("that cannot be reached fails", async () => {
    const away = conversion(() => {
      throw new WebhookError('Post "https://x": connection refused');
    });
    await expect(Promise.resolve(away.convert([boat("a")], v2))).rejects.toMatchObject({
      message: 'conversion webhook for example.com/v1, Kind=Boat failed: Post "https://x": connection refused',
    });
  });

  it("is spoken to in v1beta1 when it knows nothing else", async () => {
    const old = conversion(
      (asked) => ({ response: { convertedObjects: converted(asked), result: { status: "Success" } } }),
      ["v0", "v1beta1"],
    );
    expect(await old.convert([boat("a")], v2)).toMatchObject([{ apiVersion: "example.com/v2" }]);
  });
});
