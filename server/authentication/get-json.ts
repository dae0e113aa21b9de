import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import type { GetJson } from "../../auth/authn/oidc/get-json.ts";
import type { Clock } from "../../base/clock.ts";
import { describeNetworkError } from "../webhook/network-error.ts";

/** Upstream's. */
const timeoutMs = 30_000;
/** Documents of issuers have some kilobytes. */
const maxBytes = 1024 * 1024;
const mostRedirects = 3;

/** The way to issuers of tokens: seldom asked, so that no connection is kept. `timers`: real time. */
export function createGetJson(timers: Clock): GetJson {
  return async (url, caPem, signal) => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    signal.addEventListener("abort", stop, { once: true });
    let isLate = false;
    const cancel = timers.after(timeoutMs, () => {
      isLate = true;
      stop();
    });
    try {
      signal.throwIfAborted();
      const body = await fetched(new URL(url), caPem, controller.signal);
      return JSON.parse(body.toString()) as unknown;
    } catch (thrown) {
      const why = isLate ? "context deadline exceeded" : describeNetworkError(thrown);
      throw new Error(`Get ${JSON.stringify(url)}: ${why}`, { cause: thrown });
    } finally {
      cancel();
      signal.removeEventListener("abort", stop);
    }
  };
}

async function fetched(start: URL, caPem: string, signal: AbortSignal): Promise<Buffer> {
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await request(url, caPem, signal);
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return wholeBody(answer);
    answer.destroy();
    const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
    if (!isRedirect) throw new Error(`the server answered ${statusCode}`);
    url = redirected(url, headers.location ?? "");
    if (redirects === mostRedirects) throw new Error(`stopped after ${mostRedirects} redirects`);
  }
}

/** Whoever answers for the issuer does not choose whom this server talks to. */
function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin !== from.origin) throw new Error("a redirect to another server is not followed");
  return to;
}

function request(url: URL, caPem: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, signal, headers: { accept: "application/json" } };
    const sent = get(url.href, { ...options, ...(caPem === "" ? {} : { ca: caPem }) }, resolve);
    sent.on("error", reject);
  });
}

async function wholeBody(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}
