import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { APIService } from "../../../api/generated/types/apiregistration-v1.ts";
import type { ApiRequest } from "../../../api/wire.ts";
import { silentLogger, type Logger } from "../../../base/log.ts";
import { systemRandom } from "../../../base/random.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { settled, startTrial, type Trial } from "../../trial.testing.ts";
import { createAggregation, type Aggregation } from "./create-aggregation.ts";
import type { LocalGroupVersion } from "./local-plan.ts";

const url = "/apis/apiregistration.k8s.io/v1/apiservices";
const apps: LocalGroupVersion = { group: "apps", version: "v1", isCustom: false };
const boats: LocalGroupVersion = { group: "example.com", version: "v1", isCustom: true };

let trial: Trial;
let served: readonly LocalGroupVersion[];
let clock: ManualClock;
let writes: number;
/** What `transport` refuses. */
let refused: (request: ApiRequest) => boolean;
let errors: string[];
let aggregation: Aggregation;
let stop: (() => Promise<void>) | undefined;

beforeEach(async () => {
  trial = await startTrial();
  served = [apps, boats];
  [writes, errors, stop, refused] = [0, [], undefined, () => false];
  clock = new ManualClock(1_700_000_000_000);
  aggregation = create();
});
afterEach(async () => {
  await stop?.();
  await trial[Symbol.asyncDispose]();
});

/** An aggregation over the server's API alone. */
function create(): Aggregation {
  const log: Logger = { ...silentLogger, error: (message) => void errors.push(message) };
  const list = async (): Promise<readonly APIService[]> => (await trial.ok<{ items: APIService[] }>("GET", url)).items;
  return createAggregation({
    reader: {
      find: () => Promise.reject(new Error("nothing remote here")),
      list: async <T>() => (await list()) as unknown as readonly T[] as never,
      generation: () => trial.revision(),
    },
    writer: { updateStatus: () => Promise.reject(new Error("no status to keep")) },
    async transport(request) {
      writes += 1;
      if (refused(request)) throw new Error("refused");
      return trial.transport({ ...request, peer: { address: "", user: { name: "self", groups: ["system:masters"] } } });
    },
    served: () => served,
    generation: () => undefined,
    frontProxy: undefined,
    random: systemRandom,
    clock,
    timers: clock,
    log,
  });
}

async function names(): Promise<readonly (string | undefined)[]> {
  const { items } = await trial.list(url);
  return items.map(({ metadata }) => metadata?.name);
}

describe("what the server serves itself", () => {
  it("is registered by the time that it has started, and not again", async () => {
    stop = await aggregation.start();
    expect(await names()).toEqual(["v1.apps", "v1.example.com"]);
    writes = 0;
    await aggregation.look();
    await create().look();
    expect(writes).toBe(0);
  });

  it("is followed as it comes and goes, all at once", async () => {
    stop = await aggregation.start();
    served = [apps, { ...boats, version: "v2" }, { ...boats, version: "v3" }];
    clock.advance(1_000);
    await reached(["v1.apps", "v2.example.com", "v3.example.com"]);
  });

  it("is looked after when its users change it; what came with the server only at the start", async () => {
    await aggregation.look();
    const [appsUrl, boatsUrl] = [`${url}/v1.apps`, `${url}/v1.example.com`];
    const merge = { "content-type": "application/merge-patch+json" };
    for (const one of [appsUrl, boatsUrl]) await trial.ok("PATCH", one, { spec: { versionPriority: 7 } }, merge);
    const priorities = async (): Promise<readonly unknown[]> =>
      Promise.all(
        [appsUrl, boatsUrl].map(async (one) => (await trial.ok<APIService>("GET", one)).spec?.versionPriority),
      );
    await aggregation.look();
    expect(await priorities()).toEqual([7, 100]);
    await create().look();
    expect(await priorities()).toEqual([15, 100]);
  });

  it("is not what another has registered meanwhile", async () => {
    const foreign = { metadata: { name: "v1.example.com" }, spec: { group: "example.com", version: "v1" } };
    const priorities = { groupPriorityMinimum: 5, versionPriority: 5 };
    await trial.ok("POST", url, { ...foreign, spec: { ...foreign.spec, ...priorities } });
    await aggregation.look();
    expect(await trial.ok<APIService>("GET", `${url}/v1.example.com`)).toMatchObject({ spec: priorities });
  });

  it("is tried again when it fails, which is told and stops nothing", async () => {
    refused = ({ body }) => Buffer.from(body as Uint8Array).includes("v1.apps");
    stop = await aggregation.start();
    expect(errors).toEqual(["APIServices could not be looked at"]);
    refused = () => false;
    clock.advance(1_000);
    await reached(["v1.apps", "v1.example.com"]);
  });

  it("is left alone once the server stops", async () => {
    const end = await aggregation.start();
    await end();
    served = [apps];
    clock.advance(10_000);
    await settled();
    expect(await names()).toEqual(["v1.apps", "v1.example.com"]);
  });
});

/** Lets the look that is under way end. */
async function reached(expected: readonly string[]): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    await settled();
    if (JSON.stringify(await names()) === JSON.stringify(expected)) return;
  }
  expect(await names()).toEqual(expected);
}
