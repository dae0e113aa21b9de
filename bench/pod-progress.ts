import { setTimeout as sleep } from "node:timers/promises";
import type { HttpsRequests } from "./https-requests.ts";
import { podsPath } from "./pods.ts";

interface PodList {
  readonly metadata: { readonly resourceVersion: string; readonly remainingItemCount?: number };
  readonly items: readonly unknown[];
}

/** Between two looks, which cost the server little: it answers them from what it knows of each pod. */
const lookMs = 250;

export async function untilRunning(requests: HttpsRequests, pods: number): Promise<void> {
  await until(requests, pods, "status.phase!=Running");
}

/** The revision of the store. */
export async function revisionOf(requests: HttpsRequests): Promise<number> {
  return Number((await firstOf(requests, "")).metadata.resourceVersion);
}

/** Resolves when there are so many pods, and none is left that the selector finds. */
async function until(requests: HttpsRequests, pods: number, left: string): Promise<void> {
  for (;;) {
    const { items, metadata } = await firstOf(requests, "");
    const areAllThere = items.length + (metadata.remainingItemCount ?? 0) >= pods;
    if (areAllThere && (await firstOf(requests, left)).items.length === 0) return;
    await sleep(lookMs);
  }
}

async function firstOf(requests: HttpsRequests, fieldSelector: string): Promise<PodList> {
  const query = fieldSelector === "" ? "" : `&fieldSelector=${encodeURIComponent(fieldSelector)}`;
  const body = await requests.send({ method: "GET", path: `${podsPath}?limit=1${query}` });
  return JSON.parse(body.toString()) as PodList;
}
