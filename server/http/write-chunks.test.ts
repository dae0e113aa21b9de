import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { ApiResponse } from "../../api/wire.ts";
import { answerOf, answerOfStream, bytes, joined, loopback } from "./loopback.testing.ts";

const piece = Buffer.alloc(256 * 1024, "x");

/** A list of so many pieces that counts how far it was made, and whether its maker was told to stop. */
function list(pieces: number): { response: ApiResponse; made: () => number; stopped: Promise<void> } {
  let made = 0;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  function* chunks(): Generator<Uint8Array> {
    try {
      for (; made < pieces; made += 1) yield piece;
    } finally {
      stop();
    }
  }
  return {
    response: { status: 200, headers: {}, body: { type: "chunks", chunks: chunks() } },
    made: () => made,
    stopped,
  };
}

describe("large answers", () => {
  it("arrive whole on both protocols", async () => {
    await using loop = await loopback(() => Promise.resolve(list(40).response));
    const session = loop.http2();
    expect((await answerOf(loop.http1("/"))).body).toHaveLength(40 * piece.length);
    expect((await answerOfStream(session.request())).body).toHaveLength(40 * piece.length);
    session.close();
  });

  it("are made no faster than the client reads, hold nobody else up, and stop when the client goes", async () => {
    const lists = [list(4000), list(4000)]; // a gigabyte each
    const [first, second] = lists;
    await using loop = await loopback(({ url }) => {
      const chosen = url === "/1" ? first : url === "/2" ? second : undefined;
      return Promise.resolve(chosen?.response ?? bytes("pong"));
    });
    const reader1 = loop.http1("/1").end();
    reader1.on("error", () => undefined);
    await once(reader1, "response");
    const session = loop.http2();
    const reader2 = session.request({ ":path": "/2" });
    await once(reader2, "response");

    const pings = loop.http2();
    for (let count = 0; count < 100; count += 1) await answerOfStream(pings.request({ ":path": "/ping" }));
    for (const { made } of lists) expect(made()).toBeLessThan(100);

    reader1.destroy();
    reader2.destroy();
    await Promise.all(lists.map(({ stopped }) => stopped));
    for (const { made } of lists) expect(made()).toBeLessThan(100);
    pings.close();
    session.close();
  });

  it("are cut when the client takes nothing for too long", async () => {
    const stalled = list(4000);
    await using loop = await loopback(() => Promise.resolve(stalled.response), { stallMs: 100 });
    const request = loop.http1("/").end();
    request.on("error", () => undefined);
    const [response] = await once(request, "response");
    await stalled.stopped;
    await expect(joined(response)).rejects.toThrow("aborted");
  });

  it("give no body to HEAD", async () => {
    const never = list(3);
    await using loop = await loopback(() => Promise.resolve(never.response));
    expect((await answerOf(loop.http1("/", { method: "HEAD" }))).body).toHaveLength(0);
    expect(never.made()).toBe(0);
  });
});
