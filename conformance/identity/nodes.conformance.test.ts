import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNamespace, openStage, withFlags, type Stage } from "../kubectl/stage.ts";

const missing = spawnSync("openssl", ["version"]).error !== undefined;

/** What somebody can do who has got hold of a node's certificate. */
describe.skipIf(missing)("a node's credentials", () => {
  let stage: Stage;
  let node: string;
  let another: string;
  let elsewhere: string;

  beforeAll(async () => {
    stage = await openStage(36, "nodes");
    node = `conformance-node-${stage.run}`;
    elsewhere = `${stage.namespace}-other`;
    await createNamespace(stage.kubectl, elsewhere);
    [another = ""] = (await stage.ok("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")).split(" ");
    await stage.kubectl.ok(["config", "set-credentials", "node", ...(await certificateFor(node)), "--embed-certs"]);
    for (const name of ["mine", "other"]) {
      await stage.ok("create", "secret", "generic", name, `--from-literal=of=${name}`);
      await stage.ok("create", "configmap", name, `--from-literal=of=${name}`);
    }
    await stage.ok("create", "serviceaccount", "builder");
  });
  afterAll(async () => {
    await stage.kubectl.run(["delete", "csr", node, "--ignore-not-found"]);
    await stage.kubectl.run(["delete", "node", node, "--ignore-not-found"]);
    await stage.kubectl.run(["delete", "namespace", elsewhere, "--wait=false"]);
    await stage[Symbol.asyncDispose]();
  });

  /** As kubelets get theirs: by a request that somebody approves. */
  async function certificateFor(name: string): Promise<readonly string[]> {
    const { home } = stage.kubectl;
    const subject = `/O=system:nodes/CN=system:node:${name}`;
    const words = [
      "req",
      "-new",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "node.key",
      "-out",
      "node.csr",
      "-subj",
      subject,
    ];
    execFileSync("openssl", words, { cwd: home, stdio: "pipe" });
    const request = readFileSync(join(home, "node.csr")).toString("base64");
    const spec = {
      request,
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    };
    await create({ apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name }, spec });
    await stage.kubectl.ok(["certificate", "approve", name]);
    await stage.kubectl.ok(["wait", `csr/${name}`, "--for=jsonpath={.status.certificate}", "--timeout=30s"]);
    const format = "go-template={{.status.certificate | base64decode}}";
    writeFileSync(join(home, "node.crt"), await stage.kubectl.ok(["get", "csr", name, "-o", format]));
    return ["--client-certificate=node.crt", "--client-key=node.key"];
  }
  const create = (object: object, ...flags: readonly string[]): Promise<string> =>
    stage.kubectl.ok(["create", "-f", "-", ...flags], { stdin: JSON.stringify(object) });
  const asNode = async (args: readonly string[], stdin?: object): Promise<string> => {
    const words = withFlags(args, "-n", stage.namespace, "--user=node");
    const { code, stdout, stderr } = await stage.kubectl.run(
      words,
      stdin === undefined ? {} : { stdin: JSON.stringify(stdin) },
    );
    return code === 0 ? stdout.trim() : stderr.trim();
  };
  const pod = (name: string, nodeName: string, more: object = {}): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: stage.namespace },
    spec: {
      nodeName,
      serviceAccountName: "builder",
      containers: [{ name: "c", image: "nginx", envFrom: [{ configMapRef: { name: "mine" } }] }],
      volumes: [{ name: "s", secret: { secretName: "mine" } }],
      ...more,
    },
  });
  const refused = (why: string): string => `Error from server (Forbidden): ${why}`;
  const unrelated = (): string => `no relationship found between node '${node}' and this object`;

  test("let it register itself, without power that it gives itself", async () => {
    const object = (name: string, labels: object): object => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels },
      spec: { unschedulable: true },
    });
    const role = { "node-role.kubernetes.io/control-plane": "" };
    expect(await asNode(["create", "-f", "-"], object(node, role))).toContain(
      `nodes "${node}" is forbidden: node "${node}" is not allowed to set the following labels: node-role.kubernetes.io/control-plane`,
    );
    expect(await asNode(["create", "-f", "-"], object(`${node}-x`, {}))).toContain(
      `nodes "${node}-x" is forbidden: node "${node}" is not allowed to modify node "${node}-x"`,
    );
    expect(await asNode(["create", "-f", "-"], object(node, { "kubernetes.io/os": "linux" }))).toBe(
      `node/${node} created`,
    );
    expect(await asNode(["label", "node", node, "example.com/rack=7"])).toBe(`node/${node} labeled`);
    expect(await asNode(["label", "node", node, "node-restriction.kubernetes.io/team=a"])).toBe(
      refused(`nodes "${node}" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/team`),
    );
    expect(await asNode(["taint", "node", node, "a=b:NoSchedule"])).toContain(
      `nodes "${node}" is forbidden: node "${node}" is not allowed to modify taints`,
    );
  });

  test("show it no other nodes", async () => {
    expect(await asNode(["get", "node", node, "-o", "name"])).toBe(`node/${node}`);
    expect(await asNode(["get", "nodes"])).toBe(
      refused(
        `nodes is forbidden: User "system:node:${node}" cannot list resource "nodes" in API group "" at the cluster scope: node '${node}' cannot read all nodes, only its own Node object`,
      ),
    );
    expect(await asNode(["label", "node", another, "example.com/rack=7"])).toBe(
      refused(
        `nodes "${another}" is forbidden: User "system:node:${node}" cannot get resource "nodes" in API group "" at the cluster scope: node '${node}' cannot read '${another}', only its own Node object`,
      ),
    );
    expect(await asNode(["delete", "node", node])).toContain(`cannot delete resource "nodes"`);
  });

  test("show it what its pods need", async () => {
    const user = `User "system:node:${node}"`;
    const why = unrelated();
    const inNamespace = `in API group "" in the namespace "${stage.namespace}": ${why}`;
    expect(await asNode(["get", "secret", "mine"])).toBe(
      refused(`secrets "mine" is forbidden: ${user} cannot get resource "secrets" ${inNamespace}`),
    );
    await create(pod("web", node));
    expect(await asNode(["get", "secret", "mine", "-o", "jsonpath={.data.of}"])).toBe("bWluZQ==");
    expect(await asNode(["get", "configmap", "mine", "-o", "name"])).toBe("configmap/mine");
    expect(await asNode(["get", "secret", "other"])).toBe(
      refused(`secrets "other" is forbidden: ${user} cannot get resource "secrets" ${inNamespace}`),
    );
    expect(await asNode(["get", "configmap", "other"])).toContain(why);
    expect(await asNode(["get", "secrets"])).toContain("No Object name found");
    expect(await asNode(["get", "secrets", "--field-selector=metadata.name=mine", "-o", "name"])).toBe("secret/mine");
    expect(await asNode(["get", "pods", "-A", `--field-selector=spec.nodeName=${node}`, "-o", "name"])).toBe("pod/web");
    expect(await asNode(["get", "pods"])).toContain("can only list/watch pods with spec.nodeName field selector");
    await stage.ok("delete", "pod", "web", "--grace-period=0", "--force");
    expect(await asNode(["get", "secret", "mine"])).toContain(why);
  });

  test("let it do to its own pods what a kubelet does, and nothing to others", async () => {
    await create(pod("own", node));
    await create(pod("foreign", another));
    expect(await asNode(["delete", "pod", "foreign"])).toContain(
      `pods "foreign" is forbidden: node "${node}" can only delete pods with spec.nodeName set to itself`,
    );
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "foreign" } };
    const path = `/api/v1/namespaces/${stage.namespace}/pods/foreign/eviction`;
    expect(await asNode(["create", "--raw", path, "-f", "-"], eviction)).toContain(
      `node ${node} can only evict pods with spec.nodeName set to itself`,
    );
    const uid = await stage.ok("get", "node", node, "-o", "jsonpath={.metadata.uid}");
    const owner = { apiVersion: "v1", kind: "Node", name: node, uid, controller: true };
    const annotations = { "kubernetes.io/config.mirror": "x" };
    const mirror = {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { name: "static", namespace: stage.namespace, annotations, ownerReferences: [owner] },
      spec: {
        nodeName: node,
        containers: [{ name: "c", image: "nginx" }],
        volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }],
      },
    };
    expect(await asNode(["create", "-f", "-"], mirror)).toContain(
      `pods "static" is forbidden: node "${node}" can not create pods that reference persistentvolumeclaims`,
    );
    expect(await asNode(["create", "-f", "-"], pod("plain", node))).toContain(
      `pods "plain" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "${node}" can only create mirror pods`,
    );
    expect(await asNode(["delete", "pod", "own", "--grace-period=0", "--force"])).toContain(`pod "own" force deleted`);
  });

  test("give it tokens that are bound to its pods", async () => {
    await create(pod("talks", node));
    const uid = await stage.ok("get", "pod", "talks", "-o", "jsonpath={.metadata.uid}");
    const bound = ["--bound-object-kind=Pod", "--bound-object-name=talks", `--bound-object-uid=${uid}`];
    expect((await asNode(["create", "token", "builder", ...bound])).split(".")).toHaveLength(3);
    expect(await asNode(["create", "token", "builder"])).toContain("node requested token not bound to a pod");
    expect(await asNode(["create", "token", "builder", ...bound, "--audience=bank"])).toContain(
      'audience "bank" not found in pod spec volume',
    );
    expect(await asNode(["create", "token", "default", ...bound])).toContain(unrelated());
  });
});
