import { it } from "vitest";
import { flowControlObjects } from "../../cluster/bootstrap/flow-control.ts";
import { startTrial } from "../trial.testing.ts";
it("x", async () => {
  await using trial = await startTrial();
  for (const o of flowControlObjects()) {
    const r = await trial.send("POST", `/apis/flowcontrol.apiserver.k8s.io/v1/${o.kind === "FlowSchema" ? "flowschemas" : "prioritylevelconfigurations"}`, { body: o });
    if (r.status !== 201) console.log(o.metadata?.name, r.status, r.bytes.toString());
  }
  await new Promise((r) => setTimeout(r, 300));
  const l = await trial.list("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas");
  console.log(JSON.stringify(l.items.map((i: any) => [i.metadata.name, i.status?.conditions?.[0]?.status])));
  const a = await trial.send("GET", "/api/v1/pods", { user: { name: "x", groups: ["system:authenticated"] } });
  console.log(JSON.stringify(a.headers));
  console.log((await trial.send("GET", "/debug/api_priority_and_fairness/dump_priority_levels")).bytes.toString());
  const d = await trial.send("POST", "/apis/apps/v1/namespaces/default/deployments", { body: { metadata: { name: "a.b" }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { nodeSelector: { "beta.kubernetes.io/os": "linux" }, containers: [{ name: "c", image: "i" }] } } } } });
  console.log(d.status, JSON.stringify(d.headers));
});
