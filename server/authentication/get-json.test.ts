import { afterAll, beforeAll, expect, it } from "vitest";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { startHttps, type TestServer } from "../webhook/https-server.testing.ts";
import { createGetJson } from "./get-json.ts";

let server: TestServer;
let other: TestServer;
let caPem: string;
beforeAll(async () => {
  server = await startHttps(({ url }) => {
    const to = (location: string): { status: number; headers: Record<string, string> } => ({
      status: 302,
      headers: { location },
    });
    switch (url) {
      case "/document":
        return { body: { issuer: "me" } };
      case "/moved":
        return to("/document");
      case "/loop":
        return to("/loop");
      case "/away":
        return to(`${other.url}/document`);
      case "/plain":
        return to(`http://127.0.0.1:${server.port}/document`);
      case "/long":
        return { body: JSON.stringify("x".repeat(1024 * 1024)) };
      case "/page":
        return { body: "<html>" };
      default:
        return { status: 404 };
    }
  });
  other = await startHttps(() => ({ body: { issuer: "somebody else" } }));
  caPem = Buffer.from(server.caBundle, "base64").toString();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const signal = new AbortController().signal;
const get = (path: string, ca = caPem): Promise<unknown> =>
  createGetJson(new ManualClock(0))(`${server.url}${path}`, ca, signal);

it("gets a document, also where the same server has it now", async () => {
  expect(await get("/document")).toEqual({ issuer: "me" });
  expect(await get("/moved")).toEqual({ issuer: "me" });
});

it.each([
  ["/away", "a redirect to another server is not followed"],
  ["/plain", "a redirect to another server is not followed"],
  ["/loop", "stopped after 3 redirects"],
  ["/long", "the answer is longer than 1048576 bytes"],
  ["/page", "Unexpected token"],
  ["/none", "the server answered 404"],
])("fails at %s", async (path, message) => {
  await expect(get(path)).rejects.toThrow(message);
  expect(other.received).toEqual([]);
});

it("talks only to servers that it may trust", async () => {
  await expect(get("/document", "")).rejects.toThrow(/certificate signed by unknown authority/);
});

it("gives up in time, and with its caller", async () => {
  const clock = new ManualClock(0);
  await using silent = await startHttps(() => "handled");
  const waiting = createGetJson(clock)(`${silent.url}/`, caPem, signal);
  clock.advance(30_000);
  await expect(waiting).rejects.toThrow("context deadline exceeded");
  await expect(createGetJson(clock)(`${silent.url}/`, caPem, AbortSignal.abort())).rejects.toThrow("aborted");
});
