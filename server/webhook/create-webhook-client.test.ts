import { createServer } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemRandom } from "../../base/random.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { holding } from "../admission/objects.testing.ts";
import { serviceAt } from "../extensions/service-objects.testing.ts";
import { createWebhookClient } from "./create-webhook-client.ts";
import { startHttps, trustedCa, untrustedCa, type TestServer } from "./https-server.testing.ts";
import type { CallWebhook, WebhookCall, WebhookTarget } from "./webhook.ts";

let server: TestServer;
let clock: ManualClock;
let call: CallWebhook;
let stop: AbortController;

beforeEach(async () => {
  server = await startHttps(({ body }) => ({ body: `{"answered":${body.toString()}}` }));
  clock = new ManualClock(0);
  stop = new AbortController();
  const reader = holding(serviceAt("hook", 443, server.port));
  call = createWebhookClient({ reader, random: systemRandom, timers: clock, signal: stop.signal });
});
afterEach(async () => {
  stop.abort();
  await server[Symbol.asyncDispose]();
});

const review = { kind: "Review", number: 9_007_199_254_740_993n };
const within = (more: Partial<WebhookCall> = {}): WebhookCall => ({
  timeoutMs: 10_000,
  signal: new AbortController().signal,
  ...more,
});
const byUrl = (path = ""): WebhookTarget => ({ url: server.url + path, caBundle: trustedCa });
const byService: WebhookTarget = {
  service: { namespace: "default", name: "hook", path: "/check" },
  caBundle: trustedCa,
};
/** The reason alone: ports differ from run to run. */
const failure = async (target: WebhookTarget, more?: Partial<WebhookCall>): Promise<string> => {
  const thrown: unknown = await call(target, review, within(more)).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ name: "WebhookError" });
  return (thrown as Error).message.replaceAll(String(server.port), "PORT");
};

describe("a call", () => {
  it("posts the review and hands back what is answered", async () => {
    expect(await call(byUrl("/a/b"), review, within({ query: { timeout: "10s" } }))).toEqual({ answered: review });
    expect(server.received).toMatchObject([
      {
        method: "POST",
        url: "/a/b?timeout=10s",
        headers: { "content-type": "application/json", accept: "application/json, */*" },
      },
    ]);
  });

  it("reaches a service at its endpoint, under the service's name", async () => {
    expect(await call(byService, review, within())).toEqual({ answered: review });
    expect(server.received).toMatchObject([{ url: "/check", headers: { host: "hook.default.svc:443" } }]);
  });

  it("uses a connection again, also one that the server has closed meanwhile", async () => {
    await call(byUrl(), review, within());
    await call(byUrl(), review, within());
    expect(server.connections).toBe(1);
    server.cutConnections();
    await call(byUrl(), review, within());
    expect(server.connections).toBe(2);
    await call(byService, review, within());
    expect(server.connections).toBe(3);
  });

  it("takes JSON by any content type", async () => {
    server.answer(() => ({ headers: { "content-type": "text/plain" }, body: '{"a":1}' }));
    expect(await call(byUrl(), review, within())).toEqual({ a: 1 });
  });
});

describe("a call fails", () => {
  it("for a service that cannot be reached", async () => {
    expect(await failure({ service: { namespace: "x", name: "none" }, caBundle: trustedCa })).toBe(
      'Post "https://none.x.svc:443/": service "none" not found',
    );
    expect(await failure({ service: { namespace: "default", name: "hook", port: 444 } })).toBe(
      'Post "https://hook.default.svc:444/": no service port 444 found for service "hook"',
    );
  });

  it("where nobody listens", async () => {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const address = listener.address();
    const port = typeof address === "object" ? address?.port : 0;
    listener.close();
    await once(listener, "close");
    expect(await failure({ url: `https://127.0.0.1:${port}/x` })).toBe(
      `Post "https://127.0.0.1:${port}/x": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });

  it("where the certificate is of somebody else", async () => {
    const why = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    expect(await failure({ ...byUrl(), caBundle: untrustedCa() })).toBe(`Post "https://127.0.0.1:PORT/": ${why}`);
    expect(await failure({ url: server.url })).toBe(`Post "https://127.0.0.1:PORT/": ${why}`);
  });

  it("where the certificate is for another name", async () => {
    await using other = await startHttps(() => ({}), { names: ["other.default.svc", "127.0.0.2"] });
    const reader = holding(serviceAt("hook", 443, other.port));
    call = createWebhookClient({ reader, random: systemRandom, timers: clock, signal: stop.signal });
    expect(await failure(byService)).toBe(
      'Post "https://hook.default.svc:443/check": tls: failed to verify certificate: x509: certificate is valid for other.default.svc, 127.0.0.2, not hook.default.svc',
    );
    expect(await failure({ url: other.url, caBundle: trustedCa })).toContain("not 127.0.0.1");
  });

  it("where the certificate is past its time", async () => {
    await using other = await startHttps(() => ({}), { expired: true });
    expect(await failure({ url: other.url, caBundle: trustedCa })).toContain(
      "x509: certificate has expired or is not yet valid",
    );
  });

  it("where trust cannot be read", async () => {
    expect(await failure({ ...byUrl(), caBundle: "AAAA" })).toContain('Post "https://127.0.0.1:PORT/": ');
  });

  it("by its own time and its caller's", async () => {
    let began: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (began = resolve));
    server.answer(() => {
      began();
      return "handled";
    });
    const slow = failure(byUrl(), { timeoutMs: 2000 });
    await asked;
    clock.advance(2000);
    expect(await slow).toBe('Post "https://127.0.0.1:PORT/": context deadline exceeded');
    await expect(call(byUrl(), review, within({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      message: expect.stringContaining("context canceled"),
      timedOut: false,
    });
  });

  it("at a body that never ends", async () => {
    server.answer((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (response.write(Buffer.alloc(1 << 20)));
        response.once("drain", more);
      };
      more();
      return "handled";
    });
    expect(await failure(byUrl())).toBe('Post "https://127.0.0.1:PORT/": the answer is longer than 16777216 bytes');
  });

  it("at an answer that breaks off", async () => {
    server.answer((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => response.destroy());
      return "handled";
    });
    expect(await failure(byUrl())).toContain('Post "https://127.0.0.1:PORT/": ');
  });

  it.each<[string, number, string | object, string]>([
    ["a redirect", 307, "", "the server responded with the status code 307 but did not return more information"],
    ["a page", 200, "<html>", "invalid character '<' looking for beginning of value"],
    ["a list", 200, "[]", "couldn't get version/kind; json parse error: the answer is no object"],
    ["depth without end", 200, `${"[".repeat(2000)}${"]".repeat(2000)}`, "exceeded max depth"],
    ["not found", 404, "nope", "the server could not find the requested resource"],
    ["a crash", 500, "boom", 'an error on the server ("boom") has prevented the request from succeeding'],
    ["an overload", 503, "", "the server is currently unable to handle the request"],
    ["a refusal", 403, "not you", "not you"],
    ["a Status", 400, { kind: "Status", message: "no such review" }, "no such review"],
  ])("at %s", async (_what, status, body, message) => {
    server.answer(() => ({ status, body, headers: { location: `${server.url}/elsewhere` } }));
    expect(await failure(byUrl())).toContain(message);
    expect(server.received).toHaveLength(1);
  });
});
