import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { ApiResponse, StoredWatch } from "../../api/wire.ts";
import { bytes, answerOfStream, fedWatch, joined, loopback } from "./loopback.testing.ts";

const watching = (watch: StoredWatch): Promise<ApiResponse> =>
  Promise.resolve({ status: 200, headers: { "content-type": "application/json" }, body: { type: "watch", watch } });

describe("a watch", () => {
  it("sends its headers at once and then each frame as it comes, over HTTP/1.1", async () => {
    const watch = fedWatch();
    await using loop = await loopback(() => watching(watch));
    const request = loop.http1("/", { headers: { "accept-encoding": "gzip" } }).end();
    const [response] = await once(request, "response");
    expect(response.headers["content-encoding"]).toBeUndefined();
    for (const frame of ["one\n", "two\n"]) {
      watch.push(frame);
      expect(String((await once(response, "data"))[0])).toBe(frame);
    }
    watch.end();
    await once(response, "end");
  });

  it("sends its headers at once and then each frame as it comes, over HTTP/2", async () => {
    const watch = fedWatch();
    await using loop = await loopback(() => watching(watch));
    const session = loop.http2();
    const stream = session.request();
    await once(stream, "response");
    for (const frame of ["one\n", "two\n"]) {
      watch.push(frame);
      expect(String((await once(stream, "data"))[0])).toBe(frame);
    }
    watch.end();
    await once(stream, "end");
    session.close();
  });

  it("is closed when its client goes away, on both protocols", async () => {
    const watches = [fedWatch(), fedWatch(), fedWatch()];
    await using loop = await loopback(({ url }) => watching(watches[Number(url.slice(1))] ?? fedWatch()));
    const request = loop.http1("/0").end();
    request.on("error", () => undefined);
    await once(request, "response");
    request.destroy();
    await watches[0]?.closed;

    const session = loop.http2();
    const reset = session.request({ ":path": "/1" });
    const lost = session.request({ ":path": "/2" });
    await Promise.all([once(reset, "response"), once(lost, "response")]);
    reset.close(8);
    await watches[1]?.closed;
    session.destroy();
    lost.on("error", () => undefined);
    await watches[2]?.closed;
  });

  it("waits for a client that does not read, without harm to others, and goes on when it does", async () => {
    const watch = fedWatch();
    await using loop = await loopback(({ url }) =>
      url === "/watch" ? watching(watch) : Promise.resolve(bytes("pong")),
    );
    const session = loop.http2();
    const stream = session.request({ ":path": "/watch" });
    await once(stream, "response");
    const frames = 1000;
    for (let count = 0; count < frames; count += 1) watch.push(Buffer.alloc(65_536, "x"));
    const other = loop.http2();
    for (let count = 0; count < 50; count += 1) await answerOfStream(other.request());
    expect(watch.taken).toBeLessThan(200);
    watch.end();
    expect(await joined(stream)).toHaveLength(frames * 65_536);
    other.close();
    session.close();
  });

  it("is cut when its client takes nothing for too long", async () => {
    const watch = fedWatch();
    await using loop = await loopback(() => watching(watch), { stallMs: 100 });
    const session = loop.http2();
    const stream = session.request();
    await once(stream, "response");
    for (let count = 0; count < 1000; count += 1) watch.push(Buffer.alloc(65_536, "x"));
    await watch.closed;
    await expect(joined(stream)).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
    session.close();
  });

  it("that fails is closed, reported, and cut at the client", async () => {
    const watch = fedWatch();
    const failing: StoredWatch = Object.create(watch, {
      take: {
        value: () => {
          throw new Error("broken");
        },
      },
    });
    await using loop = await loopback(() => watching(failing));
    const session = loop.http2();
    await expect(answerOfStream(session.request())).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
    await watch.closed;
    expect(loop.errors).toHaveLength(1);
    session.close();
  });
});
