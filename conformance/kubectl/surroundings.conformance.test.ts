import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minors, openStage, type Stage } from "./stage.ts";
import { tableLines } from "./table-text.ts";

/** What kubectl does around the plain verbs: kustomize, proxy, events, apply in its finer points. */
describe.each(minors)("kubectl 1.%i", (minor) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(minor, "surroundings");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const apply = (manifest: object, ...args: readonly string[]): Promise<string> =>
    stage.kubectl.ok(["apply", "-n", stage.namespace, "-f", "-", ...args], { stdin: JSON.stringify(manifest) });

  test("applies, compares and deletes a kustomization", async () => {
    const folder = join(stage.kubectl.home, "kustomization");
    await mkdir(folder);
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        // Without pods its status does not change while it is compared.
        replicas: 0,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [
              { name: "app", image: "registry.example/app:1", envFrom: [{ configMapRef: { name: "settings" } }] },
            ],
          },
        },
      },
    };
    await writeFile(join(folder, "deployment.yaml"), stringify(deployment));
    const kustomization = {
      resources: ["deployment.yaml"],
      namePrefix: "kust-",
      labels: [{ pairs: { part: "kustomized" } }],
      images: [{ name: "registry.example/app", newTag: "2" }],
      configMapGenerator: [{ name: "settings", literals: ["colour=blue"] }],
    };
    await writeFile(join(folder, "kustomization.yaml"), stringify(kustomization));
    const created = await stage.ok("apply", "-k", folder);
    expect(created).toMatch(/^configmap\/kust-settings-\w+ created\ndeployment\.apps\/kust-web created\n$/);
    expect(await stage.ok("apply", "-k", folder)).toBe(created.replaceAll("created", "unchanged"));
    expect(await stage.ok("diff", "-k", folder)).toBe("");
    const image = "jsonpath={.spec.template.spec.containers[0].image} {.metadata.labels.part}";
    expect(await stage.ok("get", "deployment", "kust-web", "-o", image)).toBe("registry.example/app:2 kustomized");
    const deleted = await stage.ok("delete", "-k", folder);
    expect(deleted).toMatch(/^deployment\.apps "kust-web" deleted/m);
    expect(await stage.ok("get", "deployments,configmaps", "-l", "part=kustomized", "-o", "name")).toBe("");
  });

  test("proxies", async () => {
    await using proxy = stage.kubectl.start(["proxy", "--port=0"]);
    const text = await proxy.until((stdout) => stdout.includes("Starting to serve on "));
    const url = `http://${/serve on (\S+)/.exec(text)?.[1]}`;
    const version = (await (await fetch(`${url}/version`)).json()) as object;
    expect(version).toMatchObject({ minor: "36" });
    const created = await fetch(`${url}/api/v1/namespaces/${stage.namespace}/configmaps`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ metadata: { generateName: "proxied-" }, data: { a: "b" } }),
    });
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({
      metadata: { name: expect.stringMatching(/^proxied-[a-z0-9]{5}$/) },
      data: { a: "b" },
    });
    const watch = await fetch(`${url}/api/v1/namespaces/${stage.namespace}/configmaps?watch=1&timeoutSeconds=1`);
    expect(await watch.text()).toMatch(/^\{"type":"ADDED","object":\{/);
    const missing = await fetch(`${url}/api/v1/namespaces/${stage.namespace}/configmaps/absent`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ kind: "Status", reason: "NotFound", code: 404 });
  });

  test("shows events, of all and of one, and in describe", async () => {
    await stage.ok("run", "alpha", "--image=registry.example/app:1");
    const { uid } = (await stage.json("get", "pod", "alpha")).metadata as { uid?: string };
    const event = (name: string, pod: string, type: string): object => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name },
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        namespace: stage.namespace,
        name: pod,
        ...(pod === "alpha" ? { uid } : {}),
      },
      reason: "Tested",
      message: `about ${pod}`,
      type,
      firstTimestamp: "2026-01-02T03:04:05Z",
      lastTimestamp: "2026-01-02T03:04:05Z",
      count: 2,
      source: { component: "conformance" },
    });
    const items = [event("one", "alpha", "Normal"), event("two", "beta", "Warning")];
    await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], {
      stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    });
    const lines = tableLines(await stage.ok("events"));
    expect(lines[0]).toBe("LAST SEEN | TYPE | REASON | OBJECT | MESSAGE");
    expect(lines.slice(1).map((line) => line.split(" | ").slice(1).join(" "))).toEqual(
      expect.arrayContaining(["Normal Tested Pod/alpha about alpha", "Warning Tested Pod/beta about beta"]),
    );
    const one = tableLines(await stage.ok("events", "--for=pod/alpha"));
    expect(one.some((line) => line.endsWith("| Normal | Tested | Pod/alpha | about alpha"))).toBe(true);
    expect(one.join("\n")).not.toContain("beta");
    const warnings = tableLines(await stage.ok("events", "--types=Warning"));
    expect(warnings.join("\n")).toContain("about beta");
    expect(warnings.join("\n")).not.toContain("about alpha");
    const selected = await stage.ok(
      "get",
      "events",
      "--field-selector=involvedObject.name=beta,type=Warning",
      "-o",
      "name",
    );
    expect(selected).toBe("event/two\n");
    expect(
      await stage.ok(
        "get",
        "events.v1.events.k8s.io",
        "two",
        "-o",
        "jsonpath={.note} {.regarding.name} {.deprecatedCount}",
      ),
    ).toBe("about beta beta 2");
    expect(await stage.ok("describe", "pod", "alpha")).toMatch(
      /^Events:\n +Type +Reason +Age +From +Message\n[^]*^ +Normal +Tested +.* conformance +about alpha$/m,
    );
  });

  test("apply removes what was applied, keeps what others set, and prunes", async () => {
    const manifest = (data: object, labels: object = {}): object => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "three-way", labels },
      data,
    });
    expect(await apply(manifest({ a: "1", b: "2" }))).toBe("configmap/three-way created\n");
    await stage.ok("patch", "configmap", "three-way", "--type=merge", "-p", '{"data":{"theirs":"3"}}');
    expect(await apply(manifest({ a: "one" }))).toBe("configmap/three-way configured\n");
    expect((await stage.json("get", "configmap", "three-way"))["data"]).toEqual({ a: "one", theirs: "3" });
    expect(await apply(manifest({ a: "two" }), "--dry-run=server")).toBe(
      "configmap/three-way configured (server dry run)\n",
    );
    expect((await stage.json("get", "configmap", "three-way"))["data"]).toEqual({ a: "one", theirs: "3" });
    const last = JSON.parse(await stage.ok("apply", "view-last-applied", "configmap/three-way", "-o", "json")) as {
      data: object;
    };
    expect(last.data).toEqual({ a: "one" });
  });

  test("unknown and repeated fields are refused, or warned of", async () => {
    const odd = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "odd" }, data: {}, colour: "blue" };
    const create = (...args: readonly string[]): readonly string[] => [
      "create",
      "-n",
      stage.namespace,
      "-f",
      "-",
      ...args,
    ];
    const strict = await stage.kubectl.exits(1, create(), { stdin: JSON.stringify(odd) });
    expect(strict.stderr).toContain('strict decoding error: unknown field "colour"');
    const warned = await stage.kubectl.exits(0, create("--validate=warn"), { stdin: JSON.stringify(odd) });
    expect(warned.stderr).toBe('Warning: unknown field "colour"\n');
    const ignored = await stage.kubectl.exits(0, ["replace", "-n", stage.namespace, "-f", "-", "--validate=ignore"], {
      stdin: JSON.stringify(odd),
    });
    expect(ignored.stderr).toBe("");
  });

  test("a patch that fails half-way changes nothing", async () => {
    await stage.ok("create", "configmap", "patched", "--from-literal=a=1");
    const body = [
      { op: "add", path: "/data/b", value: "2" },
      { op: "test", path: "/metadata/name", value: "someone else" },
    ];
    const said = await stage.refused("patch", "configmap", "patched", "--type=json", "-p", JSON.stringify(body));
    expect(said).toContain("the server rejected our request due to an error in our request");
    expect((await stage.json("get", "configmap", "patched"))["data"]).toEqual({ a: "1" });
    expect(await stage.refused("patch", "configmap", "patched", "-p", '{"data":{"a":[1]}}')).toContain(
      "cannot be handled as a ConfigMap",
    );
    expect(await stage.refused("patch", "configmap", "patched", "-p", '{"metadata":{"name":"other"}}')).toContain(
      "name",
    );
    const stale = '{"metadata":{"resourceVersion":"1"},"data":{"a":"2"}}';
    expect(await stage.refused("patch", "configmap", "patched", "--type=merge", "-p", stale)).toContain(
      'Error from server (Conflict): Operation cannot be fulfilled on configmaps "patched": the object has been modified',
    );
  });

  test("an invalid object is refused with its causes", async () => {
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "bad" },
      spec: {
        replicas: -1,
        selector: { matchLabels: { a: "b" } },
        template: {
          metadata: { labels: { a: "c" } },
          spec: { containers: [{ name: "app", image: "registry.example/app:1" }] },
        },
      },
    };
    const { stderr } = await stage.kubectl.exits(1, ["create", "-n", stage.namespace, "-f", "-"], {
      stdin: JSON.stringify(deployment),
    });
    expect(stderr).toMatch(/^The Deployment "bad" is invalid: /);
    expect(stderr).toContain("* spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    expect(stderr).toContain("`selector` does not match template `labels`");
  });
});
