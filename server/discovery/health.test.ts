import { expect, test } from "vitest";
import type { ApiResponse } from "../../api/wire.ts";
import { health, ping, type HealthCheck } from "./health.ts";

const broken: HealthCheck = { name: "etcd", endpoints: ["readyz"], check: async () => "no disk" };
const hook: HealthCheck = {
  name: "poststarthook/start-informers",
  endpoints: ["healthz", "readyz"],
  check: () => {
    throw new Error("not yet");
  },
};

async function ask(path: string, checks: readonly HealthCheck[]): Promise<[number, string]> {
  const url = new URL(path, "http://x");
  const [endpoint, ...rest] = url.pathname.slice(1).split("/");
  if (endpoint !== "healthz" && endpoint !== "livez" && endpoint !== "readyz") throw new Error(path);
  const response: ApiResponse = await health(endpoint, rest.join("/"), url.searchParams, checks);
  if (response.body.type !== "bytes") throw new Error("expected bytes");
  return [response.status, Buffer.from(response.body.bytes).toString()];
}

test("a healthy server says ok, and more when asked", async () => {
  expect(await ask("/healthz", [ping, broken])).toEqual([200, "ok"]);
  expect(await ask("/healthz?verbose", [ping, broken])).toEqual([200, "[+]ping ok\nhealthz check passed\n"]);
  expect(await ask("/livez/ping", [ping])).toEqual([200, "ok"]);
});

test("a failure always tells which check, never why", async () => {
  expect(await ask("/readyz", [ping, broken])).toEqual([
    500,
    "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n",
  ]);
});

test("the single check tells why", async () => {
  expect(await ask("/readyz/etcd", [broken])).toEqual([500, "internal server error: no disk\n"]);
  expect(await ask("/readyz/poststarthook/start-informers", [hook])).toEqual([500, "internal server error: not yet\n"]);
});

test("checks may be left out; a name that excludes nothing is told", async () => {
  expect(await ask("/readyz?verbose&exclude=etcd", [ping, broken])).toEqual([
    200,
    "[+]ping ok\n[+]etcd excluded: ok\nreadyz check passed\n",
  ]);
  expect(await ask('/readyz?verbose&exclude=zzz&exclude=a"b', [ping])).toEqual([
    200,
    '[+]ping ok\nwarn: some health checks cannot be excluded: no matches for "a\\"b","zzz"\nreadyz check passed\n',
  ]);
});

test("a check belongs to its endpoints only", async () => {
  await expect(ask("/livez/etcd", [broken])).rejects.toMatchObject({ code: 404 });
  await expect(ask("/healthz/none", [ping])).rejects.toMatchObject({ code: 404 });
});
