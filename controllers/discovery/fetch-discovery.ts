import type { Status } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import { answerOf, errorOf } from "../../client/call.ts";
import { type Discovered, readDiscovery } from "./discovered.ts";

const roots = ["/api", "/apis"] as const;
const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/**
 * Asks the server what it serves. What has not changed since the last call is not sent again. Throws when the server
 * does not answer; single groups that cannot be known are told in `failed`.
 */
export function createDiscoveryFetch(transport: Transport): () => Promise<Discovered> {
  const kept = new Map<string, { readonly etag: string; readonly list: unknown }>();
  let last: { readonly lists: readonly unknown[]; readonly discovered: Discovered } | undefined;
  const listAt = async (url: string): Promise<unknown> => {
    const before = kept.get(url);
    const response = await transport({
      method: "GET",
      url,
      headers: {
        accept,
        "user-agent": "wherry",
        ...(before === undefined ? {} : { "if-none-match": before.etag }),
      },
      signal: new AbortController().signal,
      peer: { address: "in process" },
    });
    if (response.status === 304 && before !== undefined) return before.list;
    const list = await answerOf(response);
    if (response.status !== 200) throw errorOf(list as Status, response.status);
    const etag = response.headers["etag"];
    if (typeof etag === "string") kept.set(url, { etag, list });
    else kept.delete(url);
    return list;
  };
  return async () => {
    const lists = await Promise.all(roots.map(listAt));
    if (last?.lists.every((list, index) => list === lists[index]) !== true)
      last = { lists, discovered: readDiscovery(lists) };
    return last.discovered;
  };
}
