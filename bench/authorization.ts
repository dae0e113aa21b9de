import { join } from "node:path";
import { Http2Client, type Target, type Template } from "./http2-client.ts";
import { load, type LoadResult } from "./load.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const rounds = 5;
const volume = { clients: 64, requests: 10_000 };
const sizes = [10, 1_000, 10_000] as const;
const namespaces = 100;
const json = { "content-type": "application/json", accept: "application/json" };
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const home = "/api/v1/namespaces/default";
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };

/** Gets of a small object by an administrator, who is known by his group, and by a service account, who is known by roles. */
export const authorization: Measurement = {
  name: "authorization",
  title: "Authentication and authorization: gets of a ConfigMap, by how many RoleBindings there are",
  async measure(scratch) {
    const rows: string[][] = [];
    for (const size of sizes) {
      const folder = join(scratch, String(size));
      await using server = await ServerProcess.start({ folder, unsafeNoFsync: true });
      const token = await prepare(server.target, size);
      const { url, ca } = server.target;
      const path = `${home}/configmaps/settings`;
      const headers = { accept: "application/json" };
      const callers = [
        { who: "system:masters, certificate", target: server.target, headers },
        {
          who: "service account, token",
          target: bare(url, ca),
          headers: { ...headers, authorization: `Bearer ${token}` },
        },
      ];
      for (const { who, target, headers: sent } of callers)
        rows.push([count(size), who, ...(await gets(server, target, { method: "GET", path, headers: sent }))]);
    }
    return { columns: ["bindings", "caller", "gets/s", "p50 ms", "server CPU us"], rows };
  },
};

/** Without a certificate, which would say who asks. */
function bare(url: string, ca: string | undefined): Target {
  return ca === undefined ? { url } : { url, ca };
}

async function gets(server: ServerProcess, target: Target, template: Template): Promise<readonly string[]> {
  await requireAllowed(target, template);
  await load(target, { template, ...volume });
  const results: LoadResult[] = [];
  const before = await server.usage();
  for (let round = 0; round < rounds; round++) results.push(await load(target, { template, ...volume }));
  const cpuUs = (((await server.usage()).cpuMs - before.cpuMs) * 1000) / (rounds * volume.requests);
  const middle = (key: keyof LoadResult): number => median(results.map((result) => result[key]));
  return [count(middle("perSecond")), ms(middle("p50Ms")), count(cpuUs)];
}

/** A refusal would be fast, too. */
async function requireAllowed(target: Target, template: Template): Promise<void> {
  using client = await Http2Client.open(target);
  let answer = "";
  await client.request(template, undefined, (piece) => (answer += piece.toString()));
  if (!answer.includes('"kind":"ConfigMap"')) throw new Error(`the caller is refused: ${answer}`);
}

/** Bindings of many users in many namespaces, one among them of a service account, whose token is answered. */
async function prepare(target: Target, bindings: number): Promise<string> {
  using client = await Http2Client.open(target);
  const post = async (path: string, body: object): Promise<string> => {
    let answer = "";
    const template = { method: "POST", path, headers: json };
    await client.request(template, Buffer.from(JSON.stringify(body)), (piece) => (answer += piece.toString()));
    return answer;
  };
  for (let at = 0; at < namespaces; at++) await post("/api/v1/namespaces", { metadata: { name: `team-${at}` } });
  await load(target, {
    template: (at) => ({
      method: "POST",
      path: `${rbac}/namespaces/team-${at % namespaces}/rolebindings`,
      headers: json,
    }),
    body: (at) => Buffer.from(JSON.stringify(binding(`b-${at}`, { kind: "User", name: `user-${at % 1000}` }))),
    clients: 64,
    requests: bindings - 1,
  });
  await post(`${home}/configmaps`, { metadata: { name: "settings" } });
  await post(`${home}/serviceaccounts`, { metadata: { name: "caller" } });
  const account = { kind: "ServiceAccount", name: "caller", namespace: "default" };
  await post(`${rbac}/namespaces/default/rolebindings`, binding("caller", account));
  const answer = await post(`${home}/serviceaccounts/caller/token`, { spec: {} });
  return (JSON.parse(answer) as { readonly status: { readonly token: string } }).status.token;
}

function binding(name: string, subject: object): object {
  return { metadata: { name }, roleRef, subjects: [subject] };
}
