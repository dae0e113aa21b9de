import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConversionReview } from "../../../../api/generated/types/apiextensions-v1.ts";
import type { JsonObject } from "../../../../api/machinery/object.ts";
import { startTrial, type Trial } from "../../../trial.testing.ts";
import { startHttps, type Answering, type TestServer } from "../../../webhook/https-server.testing.ts";
import { define, definition, definitions, version } from "../boats.testing.ts";

let trial: Trial;
let webhook: TestServer;
const v1 = "/apis/example.com/v1/namespaces/default/boats";
const v2 = "/apis/example.com/v2/namespaces/default/boats";
const textSpec = (field: string): NonNullable<ReturnType<typeof version>["schema"]> => ({
  openAPIV3Schema: {
    type: "object",
    properties: { spec: { type: "object", properties: { [field]: { type: "string" } } } },
  },
});

/** v1 says `hue`, v2 says `color`. */
function convert({ request }: ConversionReview): ConversionReview {
  const convertedObjects = (request?.objects ?? []).map((object) => {
    const { spec, ...rest } = object as JsonObject & { spec: { hue?: string; color?: string } };
    const text = spec.hue ?? spec.color ?? "";
    const apiVersion = request?.desiredAPIVersion ?? "";
    return { ...rest, apiVersion, spec: apiVersion.endsWith("v1") ? { hue: text } : { color: text } };
  });
  const response = { uid: request?.uid ?? "", convertedObjects, result: { status: "Success" as const, metadata: {} } };
  return { kind: "ConversionReview", apiVersion: "apiextensions.k8s.io/v1", response } as ConversionReview;
}

const answers: Answering = ({ body }) => ({ body: convert(JSON.parse(body.toString()) as ConversionReview) });

beforeAll(async () => {
  webhook = await startHttps(answers);
  trial = await startTrial();
  const made = definition(
    [version("v1", { storage: true, schema: textSpec("hue") }), version("v2", { schema: textSpec("color") })],
    {
      conversion: {
        strategy: "Webhook",
        webhook: {
          clientConfig: { url: `${webhook.url}/convert`, caBundle: webhook.caBundle },
          conversionReviewVersions: ["v1"],
        },
      },
    },
  );
  await define(trial, made);
});
afterAll(async () => {
  await trial[Symbol.asyncDispose]();
  await webhook[Symbol.asyncDispose]();
});

describe("objects of a kind with a conversion webhook", () => {
  it("are written, read, listed and watched in every version", async () => {
    const from = await trial.revision();
    expect(await trial.ok("POST", v2, { metadata: { name: "a" }, spec: { color: "red" } })).toMatchObject({
      apiVersion: "example.com/v2",
      spec: { color: "red" },
    });
    expect((await trial.ok("GET", `${v1}/a`))["spec"]).toEqual({ hue: "red" });
    await trial.ok("PATCH", `${v2}/a`, { spec: { color: "blue" } }, { "content-type": "application/merge-patch+json" });
    expect((await trial.list(v2)).items.map((item) => item["spec"])).toEqual([{ color: "blue" }]);
    const watch = await trial.watch(`${v2}?watch=1&resourceVersion=${from}`);
    expect((await watch.next(2)).map(({ object }) => object["spec"])).toEqual([{ color: "red" }, { color: "blue" }]);
    watch.source.close();
  });

  it("cannot be had while it fails, but in the version that is stored", async () => {
    await trial.ok("POST", v1, { metadata: { name: "b" }, spec: { hue: "green" } });
    webhook.answer(() => ({ status: 500, body: "out of paint" }));
    expect(await trial.refusal("GET", `${v2}/b`)).toMatchObject({
      code: 500,
      message: expect.stringMatching(/^conversion webhook for example\.com\/v1, Kind=Boat failed: /),
    });
    expect((await trial.ok("GET", `${v1}/b`))["spec"]).toEqual({ hue: "green" });
    webhook.answer(answers);
    expect((await trial.ok("GET", `${v2}/b`))["spec"]).toEqual({ color: "green" });
  });

  it("go with their definition, converted or not", async () => {
    webhook.answer(() => ({ status: 500 }));
    const watch = await trial.watch(`${definitions}?watch=1`);
    await trial.ok("DELETE", `${definitions}/boats.example.com`);
    await watch.until(({ type }) => type === "DELETED");
    watch.source.close();
    expect((await trial.store.list("/registry/example.com/")).items).toEqual([]);
  });
});
