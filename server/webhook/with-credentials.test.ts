import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readWebhookUsers } from "./webhook-config.ts";
import { credentialsFor, withCredentials } from "./with-credentials.ts";

async function users(names: readonly string[], currentContext?: string): ReturnType<typeof readWebhookUsers> {
  const folder = await mkdtemp(join(tmpdir(), "wherry-users-"));
  try {
    const config = {
      users: names.map((name) => ({ name, user: { token: name } })),
      contexts: names.map((name) => ({ name, context: { user: name } })),
      ...(currentContext === undefined ? {} : { "current-context": currentContext }),
    };
    await writeFile(join(folder, "config"), JSON.stringify(config));
    return await readWebhookUsers(join(folder, "config"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

it.each<[string, number, string | undefined]>([
  ["hook.ns.svc", 443, "hook.ns.svc"],
  ["hook.ns.svc", 8443, "hook.ns.svc:8443"],
  ["other.ns.svc", 443, "*.ns.svc"],
  ["other.ns.svc", 8443, "*.svc:8443"],
  ["example.com", 443, "*.com:443"],
  ["example.org", 443, "*"],
])("%s:%i is shown %s", async (host, port, name) => {
  const known = await users(["hook.ns.svc", "hook.ns.svc:8443", "*.ns.svc", "*.svc:8443", "*.com:443", "*"]);
  expect(await credentialsFor(host, port, known)?.authorization?.()).toBe(name && `Bearer ${name}`);
});

it("others are shown the current context's user, or nobody", async () => {
  expect(await credentialsFor("a", 443, await users(["one"], "one"))?.authorization?.()).toBe("Bearer one");
  expect(credentialsFor("a", 443, await users(["one"]))).toBeUndefined();
});

it("calls with them", async () => {
  const known = await users(["hook.ns.svc"]);
  const asked: (string | undefined)[] = [];
  const call = withCredentials(async ({ authorization }) => {
    asked.push(await authorization?.());
    return {};
  }, known);
  const options = { timeoutMs: 1, signal: new AbortController().signal };
  await call({ service: { namespace: "ns", name: "hook" } }, {}, options);
  await call({ url: "https://hook.ns.svc/path" }, {}, options);
  await call({ url: "https://elsewhere" }, {}, options);
  expect(asked).toEqual(["Bearer hook.ns.svc", "Bearer hook.ns.svc", undefined]);
});
