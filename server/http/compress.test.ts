import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ApiResponse, ResponseBody } from "../../api/wire.ts";
import { acceptsGzip } from "./compress.ts";
import { answerOf, type Answer, loopback } from "./loopback.testing.ts";

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(size, index % 256);
}

const wholeOf = (size: number): ResponseBody => ({ type: "bytes", bytes: Buffer.alloc(size, "x") });

async function fetched(body: ResponseBody, headers: ApiResponse["headers"] = {}, accept = "gzip"): Promise<Answer> {
  await using loop = await loopback(() => Promise.resolve({ status: 200, headers, body }));
  return await answerOf(loop.http1("/", { headers: { "accept-encoding": accept } }));
}

describe("gzip", () => {
  it("is used for large answers to those who accept it", async () => {
    const answer = await fetched(wholeOf(200_000));
    expect(answer.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding" });
    expect(gunzipSync(answer.body)).toEqual(Buffer.alloc(200_000, "x"));
  });

  it("is used for large answers in pieces, whose pieces may be small", async () => {
    const answer = await fetched({ type: "chunks", chunks: pieces(100, 10_000) });
    expect(answer.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(answer.body)).toHaveLength(1_000_000);
  });

  it("is not used for small answers, which get their length instead", async () => {
    const answer = await fetched({ type: "chunks", chunks: pieces(3, 1000) });
    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(answer.headers["content-length"]).toBe("3000");
    expect((await fetched(wholeOf(131_072))).headers["content-encoding"]).toBeUndefined();
  });

  it("is not used for clients that did not ask, who are told that it depends", async () => {
    const answer = await fetched({ type: "chunks", chunks: pieces(30, 10_000) }, {}, "identity");
    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(answer.headers.vary).toBe("Accept-Encoding");
    expect(answer.body).toHaveLength(300_000);
  });

  it("is not applied to what is encoded already, nor to text", async () => {
    expect((await fetched(wholeOf(200_000), { "content-encoding": "br" })).headers["content-encoding"]).toBe("br");
    const text = await fetched(wholeOf(200_000), { "content-type": "text/plain" });
    expect(text.headers["content-encoding"]).toBeUndefined();
  });

  it("passes a failure of the source on", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* pieces(20, 10_000);
      await Promise.reject(new Error("broken"));
    }
    await expect(fetched({ type: "chunks", chunks: broken() })).rejects.toThrow("aborted");
  });

  it("is read from the header by its weight", () => {
    expect(["gzip", "br, gzip;q=0.5", "GZIP"].map(acceptsGzip)).toEqual([true, true, true]);
    expect([undefined, "", "br", "gzip;q=0", "gzip; q=0.0"].map(acceptsGzip)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
