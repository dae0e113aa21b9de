import { describe, expect, it } from "vitest";
import type { Pod, Secret, ServiceAccount } from "../../api/generated/types/core-v1.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { secrets, serviceAccounts } from "../../client/resource-types.ts";
import { stage } from "../stage.testing.ts";
import { legacyServiceAccountTokenCleanerController } from "./legacy-serviceaccount-token-cleaner-controller.ts";
import { isDay, planCleanUp, type Step } from "./stale-token-secrets.ts";

const namespace = "default";
const dayMs = 86_400_000;
const cleanUpMs = 365 * dayMs;
const now = Date.UTC(2026, 5, 1);
const annotations = { "kubernetes.io/service-account.name": "robot" };
const type = "kubernetes.io/service-account-token";
const lastUsed = "kubernetes.io/legacy-token-last-used";
const invalidSince = "kubernetes.io/legacy-token-invalid-since";

interface Told {
  readonly labels?: Record<string, string>;
  readonly created?: number;
  readonly secret?: Partial<Secret>;
  readonly account?: Partial<ServiceAccount>;
  readonly pods?: readonly Pod[];
}

function step({
  labels = {},
  created = now - cleanUpMs - dayMs,
  secret,
  account,
  pods = [],
}: Told): Step["do"] | "keep" {
  const key: Secret = {
    metadata: { namespace, name: "key", labels, annotations, creationTimestamp: formatTime(created) },
    type,
    ...secret,
  };
  const robot: ServiceAccount = {
    metadata: { namespace, name: "robot", uid: "u" },
    secrets: [{ name: "key" }],
    ...account,
  };
  const [found] = planCleanUp({
    secrets: [key],
    account: (within, name) => (within === namespace && name === "robot" ? robot : undefined),
    pods: () => pods,
    now,
    cleanUpMs,
  });
  return found?.do ?? "keep";
}

const pod = (volumes: object[]): Pod =>
  ({ metadata: { namespace, name: "p" }, spec: { containers: [], volumes } }) as Pod;

describe("a token that nobody asked for", () => {
  it.each<readonly [string, Told, Step["do"] | "keep"]>([
    ["was never used", {}, "invalidate"],
    ["was used long ago", { labels: { [lastUsed]: "2025-05-31" } }, "invalidate"],
    ["was used within the year", { labels: { [lastUsed]: "2025-06-01" } }, "keep"],
    ["was used on no day that can be read", { labels: { [lastUsed]: "yesterday" } }, "keep"],
    ["is young", { created: now - cleanUpMs }, "keep"],
    [
      "is going already",
      { secret: { metadata: { namespace, name: "key", deletionTimestamp: formatTime(now) } } },
      "keep",
    ],
    ["is no token", { secret: { type: "Opaque" } }, "keep"],
    ["was asked for", { account: { secrets: [] } }, "keep"],
    [
      "is an account's that is gone",
      {
        secret: {
          metadata: {
            namespace,
            name: "key",
            annotations: { ...annotations, "kubernetes.io/service-account.uid": "other" },
            creationTimestamp: formatTime(0),
          },
        },
      },
      "keep",
    ],
    ["is mounted", { pods: [pod([{ name: "v", secret: { secretName: "key" } }])] }, "keep"],
    [
      "is not mounted by the pods there are",
      { pods: [pod([{ name: "v", secret: { secretName: "x" } }])] },
      "invalidate",
    ],
    ["is invalid for less than a year", { labels: { [invalidSince]: "2025-06-01" } }, "keep"],
    ["is invalid for longer", { labels: { [invalidSince]: "2025-05-31" } }, "delete"],
    ["is invalid since no day that can be read", { labels: { [invalidSince]: "once" } }, "invalidate"],
  ])("%s", (_, told, expected) => {
    expect(step(told)).toBe(expected);
  });

  it.each([
    ["2026-02-28", true],
    ["2026-02-30", false],
    ["2026-2-1", false],
    ["", false],
  ])("%s is a day: %s", (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });

  it("is marked after a while, and gone after another", async () => {
    await using play = await stage([legacyServiceAccountTokenCleanerController], {
      config: { legacyTokenCleanUpMs: 2 * dayMs },
    });
    const { client, clock } = play;
    await client.create(secrets, { metadata: { namespace, name: "key", annotations }, type });
    await client.create(serviceAccounts, { metadata: { namespace, name: "robot" }, secrets: [{ name: "key" }] });
    const labels = async (): Promise<object | undefined> => {
      const [key] = await client.list(secrets, { namespace });
      return key && (key.metadata?.labels ?? {});
    };
    // Not before it is known for so long who is used.
    await clock.advance(2.5 * dayMs);
    expect(await labels()).toEqual({});
    await clock.advance(dayMs);
    expect(await labels()).toEqual({ [invalidSince]: "2026-01-04" });
    await clock.advance(2 * dayMs);
    expect(await labels()).toBeDefined();
    await clock.advance(dayMs);
    expect(await labels()).toBeUndefined();
  });
});
