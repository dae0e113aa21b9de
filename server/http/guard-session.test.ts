import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { answerOfStream, bytes, http2Frames, loopback } from "./loopback.testing.ts";

describe("an HTTP/2 session", () => {
  it("that opens streams only to reset them is cut, while others go on", async () => {
    let handled = 0;
    const limits = { controlBurst: 100, controlPerSecond: 1 };
    await using loop = await loopback(({ url }) => {
      if (url === "/well-behaved") return Promise.resolve(bytes("pong"));
      handled += 1;
      return new Promise(() => undefined);
    }, limits);
    const good = loop.http2();
    await answerOfStream(good.request({ ":path": "/well-behaved" }));

    const attacker = await loop.tls("h2");
    attacker.write(http2Frames.start);
    const gone = once(attacker.resume(), "close");
    for (let index = 0; index < 800; index += 1) {
      attacker.write(Buffer.concat([http2Frames.post(2 * index + 1), http2Frames.cancel(2 * index + 1)]));
    }
    await gone;
    expect(handled).toBeLessThan(700);
    expect((await answerOfStream(good.request({ ":path": "/well-behaved" }))).status).toBe(200);
    good.close();
  });

  it("that floods with pings is cut", async () => {
    await using loop = await loopback(() => Promise.resolve(bytes("pong")));
    const attacker = await loop.tls("h2");
    attacker.write(http2Frames.start);
    const gone = once(attacker.resume(), "close");
    attacker.write(Buffer.concat(Array.from({ length: 900 }, () => http2Frames.ping())));
    await gone;
  });

  it("may end all its watches at once", async () => {
    await using loop = await loopback(() => new Promise(() => undefined));
    const session = loop.http2();
    await once(session, "remoteSettings");
    const streams = Array.from({ length: 250 }, () => session.request().on("error", () => undefined));
    const closed = streams.map((stream) => once(stream, "close"));
    for (const stream of streams) stream.close(8);
    await Promise.all(closed);
    await new Promise<void>((resolve) => session.ping(() => resolve()));
    expect(session.destroyed).toBe(false);
    session.destroy();
  });

  it("with a silent watch is not idle", async () => {
    await using loop = await loopback(() => new Promise(() => undefined), { idleMs: 50 });
    const session = loop.http2();
    const stream = session.request().on("error", () => undefined);
    const other = loop.http2(); // one without a stream: when it is closed, the idle time has passed for both
    await once(other, "close");
    expect(stream.closed).toBe(false);
    session.destroy();
  });
});
