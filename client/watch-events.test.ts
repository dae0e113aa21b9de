import { describe, expect, it } from "vitest";
import type { ApiResponse, WatchEvent } from "../api/wire.ts";
import { startTrial } from "../server/trial.testing.ts";
import { ConnectionError } from "./connection-error.ts";
import { watchBatches } from "./watch-events.ts";

const event = (name: string): string => `${JSON.stringify({ type: "ADDED", object: { metadata: { name } } })}\n`;
const { signal } = new AbortController();

function chunked(...pieces: readonly (string | Uint8Array)[]): ApiResponse {
  const chunks = pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  return { status: 200, headers: {}, body: { type: "chunks", chunks, live: true } };
}

async function batchesOf(response: ApiResponse): Promise<string[][]> {
  const batches: string[][] = [];
  for await (const batch of watchBatches(response, signal))
    batches.push(batch.map(({ object }) => object.metadata?.name ?? ""));
  return batches;
}

describe("a watch from afar", () => {
  it.each<[string, readonly (string | Uint8Array)[], string[][]]>([
    ["a chunk of several events", [event("a") + event("b")], [["a", "b"]]],
    ["an event over several chunks", [event("a").slice(0, 3), event("a").slice(3, 20), event("a").slice(20)], [["a"]]],
    [
      "a character over two chunks",
      [Buffer.from(event("ü")).subarray(0, 39), Buffer.from(event("ü")).subarray(39)],
      [["ü"]],
    ],
    ["empty lines and chunks", ["", "\n\n", event("a"), "\n"], [["a"]]],
    ["nothing", [], []],
  ])("is read from %s", async (_what, pieces, batches) => {
    expect(await batchesOf(chunked(...pieces))).toEqual(batches);
  });

  it("comes in batches of 500 at most", async () => {
    const many = Array.from({ length: 1200 }, (_, index) => event(`e${index}`)).join("");
    expect((await batchesOf(chunked(many))).map(({ length }) => length)).toEqual([500, 500, 200]);
  });

  it("keeps large numbers", async () => {
    const response = chunked('{"type":"MODIFIED","object":{"spec":{"n":9007199254740993}}}\n');
    const { value } = await watchBatches(response, signal).next();
    expect(value).toEqual([{ type: "MODIFIED", object: { spec: { n: 9_007_199_254_740_993n } } }]);
  });

  it.each([
    ["something else", '{"kind":"Status"}\n', "a line that is no event"],
    ["an unknown type", '{"type":"GONE","object":{}}\n', "a line that is no event"],
    ["no JSON", "<html>\n", "a watch sent invalid character"],
    ["half an event", event("a").slice(0, -5), "ended in the middle of an event"],
  ])("fails at %s", async (_what, piece, message) => {
    const failed = batchesOf(chunked(piece));
    await expect(failed).rejects.toThrow(ConnectionError);
    await expect(failed).rejects.toThrow(message);
  });

  it("fails at a line without end, before it fills the memory", async () => {
    let sent = 0;
    function* endless(): Generator<Uint8Array> {
      const piece = Buffer.alloc(4 * 1024 * 1024, "x");
      for (;;) {
        sent += piece.length;
        yield piece;
      }
    }
    const response: ApiResponse = { status: 200, headers: {}, body: { type: "chunks", chunks: endless() } };
    await expect(batchesOf(response)).rejects.toThrow("a line is longer than 67108864 bytes");
    expect(sent).toBeLessThan(80 * 1024 * 1024);
  });
});

describe("a watch in this process", () => {
  it("brings what is ready at once, shared, until it is left or aborted", async () => {
    await using server = await startTrial();
    const url = "/api/v1/namespaces/default/configmaps";
    for (let index = 0; index < 3; index += 1) await server.ok("POST", url, { metadata: { name: `c${index}` } });
    const stop = new AbortController();
    const user = { name: "x", groups: ["system:masters"] };
    const ask = (): Promise<ApiResponse> =>
      server.transport({
        method: "GET",
        url: `${url}?watch=1`,
        headers: {},
        signal: stop.signal,
        peer: { address: "in process", user },
      });
    const [one, two] = [await ask(), await ask()];
    const batches = watchBatches(one, stop.signal);
    const names = (batch: readonly WatchEvent[] | void): unknown[] =>
      (batch ?? []).map(({ object }) => object.metadata?.name);
    const first = (await batches.next()).value ?? [];
    expect(names(first)).toEqual(["c0", "c1", "c2"]);
    for await (const batch of watchBatches(two, stop.signal)) {
      expect(batch[0]?.object).toBe(first[0]?.object);
      break;
    }
    expect(two.body.type === "watch" && two.body.watch.ended).toBe(true);
    const next = batches.next();
    await server.ok("DELETE", `${url}/c1`);
    expect((await next).value).toMatchObject([{ type: "DELETED", object: { metadata: { name: "c1" } } }]);
    const last = batches.next();
    stop.abort();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  it("cannot be a connection that was taken over", async () => {
    const tunnel = { join: () => undefined, abandon: () => undefined };
    const response: ApiResponse = { status: 101, headers: {}, body: { type: "tunnel", tunnel } };
    await expect(batchesOf(response)).rejects.toThrow(ConnectionError);
  });
});
