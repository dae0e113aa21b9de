import { describe, expect, it } from "vitest";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { answerOf, answerOfStream, bytes, http2Frames, loopback, type Loopback } from "./loopback.testing.ts";

const longest = 100_000;

async function whole({ body }: ApiRequest): Promise<Uint8Array | undefined> {
  if (body === undefined || body instanceof Uint8Array || body.whole === undefined) throw new Error("no body to read");
  return body.whole(longest);
}

/** Answers with the size of the body. */
async function measure(request: ApiRequest): Promise<ApiResponse> {
  const body = await whole(request);
  return body === undefined ? { ...bytes("too large"), status: 413 } : bytes(String(body.length));
}

async function sent(loop: Loopback, body: Buffer): Promise<readonly [http1: string, http2: string]> {
  const request = loop.http1("/", { method: "POST" });
  request.write(body);
  const session = loop.http2();
  const stream = session.request({ ":method": "POST" });
  stream.end(body);
  const answers = [(await answerOf(request)).body.toString(), (await answerOfStream(stream)).body.toString()] as const;
  session.close();
  return answers;
}

describe("a body that is read as a whole", () => {
  it("comes in one piece, however it was sent, on both protocols", async () => {
    await using loop = await loopback(measure);
    expect(await sent(loop, Buffer.from("x"))).toEqual(["1", "1"]);
    expect(await sent(loop, Buffer.alloc(longest))).toEqual([String(longest), String(longest)]);
  });

  it("is given up where it is too long, and the connection still answers", async () => {
    await using loop = await loopback(measure);
    expect(await sent(loop, Buffer.alloc(longest + 1))).toEqual(["too large", "too large"]);
    const session = loop.http2();
    for (const size of [2_000_000, 10]) {
      const stream = session.request({ ":method": "POST" });
      stream.end(Buffer.alloc(size));
      expect((await answerOfStream(stream)).status).toBe(size > longest ? 413 : 200);
    }
    session.close();
  });

  it("is an error where it breaks off, on both protocols", async () => {
    let settle: (outcome: string) => void = () => undefined;
    let begun: () => void = () => undefined;
    await using loop = await loopback(async (request) => {
      const reading = whole(request);
      begun();
      await reading.then(
        () => settle("whole"),
        () => settle("cut off"),
      );
      return bytes("");
    });
    const attempt = (send: () => void, breakOff: () => void): Promise<string> =>
      new Promise((resolve) => {
        settle = resolve;
        begun = breakOff;
        send();
      });
    const part = Buffer.concat([http2Frames.start, http2Frames.post(1), http2Frames.data(1, "part")]);

    const http1 = await loop.tls();
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart";
    expect(
      await attempt(
        () => http1.write(head),
        () => http1.destroy(),
      ),
    ).toBe("cut off");
    const lost = await loop.tls("h2");
    expect(
      await attempt(
        () => lost.write(part),
        () => lost.destroy(),
      ),
    ).toBe("cut off");
    const reset = await loop.tls("h2");
    expect(
      await attempt(
        () => reset.write(part),
        () => reset.write(http2Frames.cancel(1)),
      ),
    ).toBe("cut off");
    reset.destroy();
  });

  it("does not wait for ever", async () => {
    let outcome: Promise<unknown> = Promise.resolve();
    await using loop = await loopback(
      async (request) => {
        outcome = whole(request);
        await outcome;
        return bytes("");
      },
      { requestMs: 20 },
    );
    const session = loop.http2();
    const stream = session.request({ ":method": "POST" });
    stream.write("part");
    await expect(answerOfStream(stream)).rejects.toThrow();
    await expect(outcome).rejects.toThrow("cut its request off");
    session.close();
  });
});
