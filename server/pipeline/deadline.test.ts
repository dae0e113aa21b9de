import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/machinery/status.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { requestOf } from "../flow-control/requests.testing.ts";
import { deadlineOf, type Deadline } from "./deadline.ts";

const pods = "/api/v1/namespaces/a/pods";

function trial(url: string, signal?: AbortSignal): { readonly deadline: Deadline; readonly timers: ManualClock } {
  const timers = new ManualClock(0);
  const described = requestOf("GET", url, signal === undefined ? {} : { signal });
  return { deadline: deadlineOf(described, { requestTimeout: 60_000, timers }), timers };
}

describe("a request", () => {
  it.each([
    ["", 60_000],
    ["?timeout=32s", 32_000],
    ["?timeout=1h", 60_000],
    ["?timeout=0s", 60_000],
    ["?timeout=1500ms", 1500],
  ])("with %j is answered within %i ms, or told so", async (query, milliseconds) => {
    const { deadline, timers } = trial(pods + query);
    const { signal } = deadline.described.request;
    const bounded = deadline.bound(() => new Promise<never>(() => undefined));
    timers.advance(milliseconds - 1);
    expect(signal.aborted).toBe(false);
    expect(deadline.patience()).toBe(0.25);
    timers.advance(1);
    const thrown: unknown = await bounded.catch((error: unknown) => error);
    expect(thrown instanceof ApiError && thrown.toStatus()).toMatchObject({
      code: 504,
      reason: "Timeout",
      message: "Timeout: request did not complete within the allotted timeout",
    });
    expect(signal.aborted).toBe(true);
  });

  it("that is answered in time leaves no timer, and hears of its client", async () => {
    const client = new AbortController();
    const { deadline, timers } = trial(pods, client.signal);
    expect(await deadline.bound(async () => "answer")).toBe("answer");
    timers.advance(100_000);
    const { signal } = deadline.described.request;
    expect(signal.aborted).toBe(false);
    client.abort();
    expect(signal.aborted).toBe(true);
  });

  it.each([`${pods}?watch=1`, `${pods}/p/log?follow=true`, `${pods}/p/exec`])(
    "that lasts is not bounded: %s",
    async (url) => {
      const { deadline, timers } = trial(`${url}${url.includes("?") ? "&" : "?"}timeout=nonsense`);
      let answer = (_text: string): void => {};
      const bounded = deadline.bound(() => new Promise<string>((resolve) => (answer = resolve)));
      timers.advance(10_000_000);
      answer("done");
      expect(await bounded).toBe("done");
      expect(deadline.patience()).toBe(15_000);
    },
  );
});

it.each([
  ["nonsense", 'time: invalid duration "nonsense"'],
  ["5", 'time: missing unit in duration "5"'],
  ["5x", 'time: unknown unit "x" in duration "5x"'],
  ["1s5", 'time: missing unit in duration "1s5"'],
  ["-", 'time: invalid duration "-"'],
])("timeout=%s is refused", (text, why) => {
  expect(() => trial(`${pods}?timeout=${text}`)).toThrow(`invalid timeout specified in the request URL - ${why}`);
});
