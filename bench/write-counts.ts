import type { HttpsRequests } from "./https-requests.ts";

/** Writes that were taken, by `POST pods/binding`, as the server counts them. */
export async function writeCounts(requests: HttpsRequests): Promise<ReadonlyMap<string, number>> {
  const text = (await requests.send({ method: "GET", path: "/metrics" })).toString();
  const counts = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, labels, value] = /^apiserver_request_total\{(.*)\} (\d+)$/.exec(line) ?? [];
    if (labels === undefined) continue;
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
    if (!label("code").startsWith("2") || /^(?:GET|LIST|WATCH|CONNECT)$/.test(label("verb"))) continue;
    const resource = [label("resource"), label("subresource")].filter((part) => part !== "").join("/");
    const kind = `${label("verb")} ${resource}`;
    counts.set(kind, (counts.get(kind) ?? 0) + Number(value));
  }
  return counts;
}

/** How many came for each of `objects`, the most frequent first: `POST pods 1.00, …`. What nodes do anyway is left out. */
export function writesEach(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  objects: number,
): string {
  return [...after]
    .map(([kind, count]) => ({ kind, each: (count - (before.get(kind) ?? 0)) / objects }))
    .filter(({ kind, each }) => each >= 0.005 && !/ (?:leases|nodes(?:\/.*)?)$/.test(kind))
    .toSorted((a, b) => b.each - a.each)
    .map(({ kind, each }) => `${kind} ${each.toFixed(2)}`)
    .join(", ");
}
