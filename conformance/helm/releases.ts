import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage, type Stage } from "../kubectl/stage.ts";
import type { Program } from "../program.ts";
import { chart, createHelm, type HelmMajor } from "./helm.ts";

const release = "ferry";
/** With hooks and parts that not every test is about left out. */
const plain = ["--set", "hooks.preInstall=false,hooks.postUpgrade=false"];
/** Waits are for what runs. */
const wait = ["--wait", "--timeout=60s"];
const kinds =
  "deployment,service,configmap,secret,serviceaccount,role,rolebinding,ingress,poddisruptionbudget," +
  "horizontalpodautoscaler,routes.helm.conformance.example";
const crd = "customresourcedefinition.apiextensions.k8s.io/routes.helm.conformance.example";

/** The life of a release; each test goes on where the one before it ended. */
export function describeReleases(major: HelmMajor): void {
  describe(`helm ${major}`, () => {
    let stage: Stage;
    let helm: Program;

    beforeAll(async () => {
      stage = await openStage(36, `helm-${major}`);
      helm = await createHelm(major, stage.target.kubeconfig);
    });
    afterAll(async () => {
      await helm[Symbol.asyncDispose]();
      await stage.kubectl.run(["delete", crd, "--wait=false"]);
      await stage[Symbol.asyncDispose]();
    });

    const inNamespace = (args: readonly string[]): readonly string[] => [...args, "-n", stage.namespace];
    const run = (...args: readonly string[]): Promise<string> => helm.ok(inNamespace(args));
    const fails = async (...args: readonly string[]): Promise<string> =>
      (await helm.exits(1, inNamespace(args))).stderr;
    const upgrade = (...args: readonly string[]): readonly string[] => ["upgrade", release, chart, ...plain, ...args];
    const objects = async (instance: string): Promise<readonly string[]> =>
      (await stage.ok("get", kinds, "-l", `app.kubernetes.io/instance=${instance}`, "-o", "name"))
        .split("\n")
        .filter((line) => line !== "");
    const field = (object: string, path: string): Promise<string> =>
      stage.ok("get", object, "-o", `jsonpath={${path}}`);
    const history = async (): Promise<readonly string[]> =>
      (JSON.parse(await run("history", release, "-o", "json")) as { revision: number; status: string }[]).map(
        ({ revision, status }) => `${revision} ${status}`,
      );

    const back = [major === 3 ? "--atomic" : "--rollback-on-failure", "--timeout=30s"];
    const all = [
      `configmap/${release}-settings`,
      `deployment.apps/${release}`,
      `horizontalpodautoscaler.autoscaling/${release}`,
      `ingress.networking.k8s.io/${release}`,
      `poddisruptionbudget.policy/${release}`,
      `role.rbac.authorization.k8s.io/${release}`,
      `rolebinding.rbac.authorization.k8s.io/${release}`,
      `route.helm.conformance.example/${release}`,
      `secret/${release}-token`,
      `service/${release}`,
      `serviceaccount/${release}`,
    ];

    test("a dry run asks the server and writes nothing; values must fit the schema", async () => {
      const dry = ["install", release, chart, ...plain, "--set", "route.enabled=false", "--dry-run=server"];
      const shown = await run(...dry, "--set", "extra.enabled=true");
      expect(shown).toMatch(/^STATUS: pending-install$/m);
      expect(shown).toMatch(/^ {2}cron: "true"$/m);
      expect(shown).toMatch(/^ {2}cluster: "v1\.\d+\.\d+.*"$/m);
      expect(await fails(...dry, "--set", "replicas=-1")).toMatch(/replicas.*: minimum|replicas: Must be greater/);
      expect(await run("list", "-o", "json")).toBe("[]\n");
    });

    test("install makes the kind, waits for the hook, makes all objects, and waits until they run", async () => {
      const installed = await run("install", release, chart, "--set", "hooks.postUpgrade=false", ...wait);
      expect(installed).toMatch(/^STATUS: deployed\nREVISION: 1$/m);
      expect(installed).toContain("ferry revision 1 says ahoy on ferry.example.");
      expect(await field(`job/${release}-pre-install`, ".status.succeeded")).toBe("1");
      expect(await field(`deployment/${release}`, ".status.availableReplicas")).toBe("1");
      expect([...(await objects(release))].toSorted()).toEqual(all);
      const [route, settings] = await Promise.all([
        stage.ok("get", "helmroute", release, "--no-headers"),
        stage.json("get", "configmap", `${release}-settings`, "--show-managed-fields"),
      ]);
      expect(route.trim().split(/ +/)).toEqual([release, "Dover", "Calais"]);
      expect(settings).toMatchObject({
        metadata: {
          annotations: { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": stage.namespace },
          managedFields: [{ manager: "helm", operation: major === 3 ? "Update" : "Apply", apiVersion: "v1" }],
        },
        data: { greeting: "ahoy", cron: "true" },
      });
    });

    test("what helm kept can be read back", async () => {
      const [status, manifest, hooks, values, list] = await Promise.all([
        run("status", release),
        run("get", "manifest", release),
        run("get", "hooks", release),
        run("get", "values", release, "-o", "json"),
        run("list", "-o", "json"),
      ]);
      expect(status).toContain("STATUS: deployed");
      if (major === 4) expect(status).toMatch(/^==> v1\/Route\nNAME +FROM +TO *\nferry +Dover +Calais$/m);
      expect(manifest.match(/^kind: /gm)).toHaveLength(all.length);
      expect(hooks.match(/^kind: \w+$/gm)?.toSorted()).toEqual(["kind: Job", "kind: Pod"]);
      expect(JSON.parse(values)).toEqual({ hooks: { postUpgrade: false } });
      expect(JSON.parse(list)).toMatchObject([{ name: release, namespace: stage.namespace, revision: "1" }]);
      const found = await stage.json("get", "secrets", "--field-selector", "type=helm.sh/release.v1");
      expect(found["items"]).toMatchObject([
        { metadata: { name: `sh.helm.release.v1.${release}.v1`, labels: { owner: "helm", status: "deployed" } } },
      ]);
    });

    test("upgrade changes, adds and removes, rolls out, then waits for its hook", async () => {
      const changes = "greeting=hello,extra.enabled=true,pdb.enabled=false,port=8081";
      const ports = ["--set-json", 'ports=[{"name":"metrics","port":9090},{"name":"web","port":81}]'];
      expect(await run("upgrade", release, chart, "--set", changes, ...ports, ...wait)).toContain(
        "ferry revision 2 says hello",
      );
      expect([...(await objects(release))].toSorted()).toEqual(
        [`configmap/${release}-extra`, ...all].filter((name) => !name.startsWith("poddisruptionbudget")),
      );
      const [greeting, address, clusterIP, portNames, container, updated, hook] = await Promise.all([
        field(`configmap/${release}-settings`, ".data.greeting"),
        field(`configmap/${release}-extra`, ".data.address"),
        field(`service/${release}`, ".spec.clusterIP"),
        field(`service/${release}`, ".spec.ports[*].port"),
        field(`deployment/${release}`, ".spec.template.spec.containers[0].ports[*].containerPort"),
        field(`deployment/${release}`, ".status.updatedReplicas"),
        stage.ok("get", "pod", `${release}-post-upgrade`, "--ignore-not-found"),
      ]);
      expect({ greeting, address, container, updated, hook }).toEqual({
        greeting: "hello",
        address: clusterIP,
        container: "8081",
        updated: "1",
        hook: "",
      });
      expect(portNames.split(" ").toSorted()).toEqual(["81", "9090"]);
    });

    test("an upgrade without changes writes only the release", async () => {
      const read = async (objects: string, path: string): Promise<readonly string[]> =>
        (await stage.ok("get", objects, "-o", `jsonpath={.items[*].metadata.${path}}`)).split(" ");
      // Statuses come and go: of what has one, the generation.
      const stateless = "configmap,service,serviceaccount,role,rolebinding,ingress,routes.helm.conformance.example";
      const state = async (): Promise<readonly string[]> => [
        ...(await read("deployment", "generation")),
        ...(await read(stateless, "resourceVersion")),
      ];
      const before = await state();
      await run("upgrade", release, chart, "--reuse-values", "--set", "hooks.postUpgrade=false,extra.enabled=true");
      // The revision's number is in one of the config maps.
      expect((await state()).filter((version) => !before.includes(version))).toHaveLength(1);
      expect(await history()).toEqual(["1 superseded", "2 superseded", "3 deployed"]);
    });

    test("rollback restores the first revision", async () => {
      expect(await run("rollback", release, "1", ...wait)).toBe("Rollback was a success! Happy Helming!\n");
      expect([...(await objects(release))].toSorted()).toEqual(all);
      const ports = await field(`service/${release}`, ".spec.ports[*].port");
      expect(ports.split(" ").toSorted()).toEqual(["80", "9090"]);
      expect(await field(`configmap/${release}-settings`, ".data.greeting")).toBe("ahoy");
      expect((await history()).at(-1)).toBe("4 deployed");
    });

    test("somebody else's field", async () => {
      const patch = ["--type=merge", "--field-manager=intruder", "-p", '{"data":{"greeting":"mine","own":"kept"}}'];
      await stage.ok("patch", "configmap", `${release}-settings`, ...patch);
      if (major === 4) {
        expect(await fails(...upgrade("--set", "greeting=third"))).toContain(
          `Error: UPGRADE FAILED: conflict occurred while applying object ${stage.namespace}/ferry-settings /v1, Kind=ConfigMap: ` +
            'Apply failed with 1 conflict: conflict with "intruder" using v1: .data.greeting',
        );
        expect(await field(`configmap/${release}-settings`, ".data.greeting")).toBe("mine");
        expect((await history()).at(-1)).toBe("5 failed");
      }
      await run(...upgrade("--set", "greeting=third", ...(major === 4 ? ["--force-conflicts"] : [])));
      const { data } = (await stage.json("get", "configmap", `${release}-settings`)) as { data?: object };
      expect(data).toMatchObject({ greeting: "third", own: "kept" });
    });

    test("what the server refuses fails the upgrade", async () => {
      const said = await fails(...upgrade("--set", "route.to=Dover"));
      expect(said).toContain("a route leads to another place");
      expect(said).toContain(`Route.helm.conformance.example "${release}" is invalid: spec: Invalid value: `);
      expect((await history()).at(-1)).toMatch(/ failed$/);
      expect(await field(`helmroute/${release}`, ".spec.to")).toBe("Calais");
    });

    test("an upgrade whose hook fails is rolled back", async () => {
      await run(...upgrade("--set", "greeting=fourth"));
      const said = await fails(...upgrade("--set", "greeting=fifth,hooks.preUpgrade=true,hooks.exitCode=1", ...back));
      expect(said).toContain("pre-upgrade hooks failed");
      expect(said).toContain(`release ${release} failed, and has been rolled back due to`);
      expect(await field(`configmap/${release}-settings`, ".data.greeting")).toBe("fourth");
      expect((await history()).slice(-2).map((line) => line.split(" ")[1])).toEqual(["failed", "deployed"]);
    });

    test("an upgrade whose pods do not come up is rolled back", async () => {
      const broken = upgrade("--set", "greeting=fourth,image=registry.invalid/ferry:8", ...back, "--timeout=5s");
      expect(await fails(...broken)).toContain(`release ${release} failed, and has been rolled back due to`);
      expect(await field(`deployment/${release}`, ".spec.template.spec.containers[0].image")).not.toContain("invalid");
      expect(await stage.ok("rollout", "status", `deployment/${release}`)).toContain("successfully rolled out");
    });

    test("helm test runs pods, and tells when one fails", async () => {
      expect(await run("test", release, "--timeout=30s")).toMatch(/^Phase: +Succeeded$/m);
      await run(...upgrade("--set", "greeting=fourth,connection.exitCode=1"));
      const bad = await helm.exits(1, inNamespace(["test", release, "--timeout=30s"]));
      expect(bad.stdout).toMatch(/^Phase: +Failed$/m);
    });

    test("objects of others are not taken over, unless asked to", async () => {
      await stage.ok("create", "configmap", "second-settings");
      const install = ["upgrade", "--install", "second", chart, ...plain, "--set", "ingress.enabled=false"];
      expect(await fails(...install)).toMatch(
        /ConfigMap "second-settings" in namespace "\S+" exists and cannot be imported into the current release: invalid ownership metadata/,
      );
      await run(...install, "--take-ownership");
      expect(await field("configmap/second-settings", ".data.greeting")).toBe("ahoy");
      await run("uninstall", "second", "--keep-history");
      expect(await objects("second")).toEqual([]);
      expect(await run("list", "--uninstalled", "-q")).toBe("second\n");
    });

    test("uninstall leaves the kind and nothing else", async () => {
      expect(await run("uninstall", release, "--cascade=foreground", ...wait)).toContain(
        `release "${release}" uninstalled`,
      );
      expect(await objects(release)).toEqual([]);
      expect(await stage.ok("get", "pods,replicasets", "-l", `app.kubernetes.io/instance=${release}`)).toBe("");
      expect(await stage.ok("get", crd, "-o", "name")).toBe(`${crd}\n`);
      expect(await fails("status", release)).toContain("release: not found");
    });

    test("what template renders goes through apply", async () => {
      const rendered = await run("template", "piped", chart, ...plain);
      const apply = ["apply", "--server-side", "-n", stage.namespace, "-f", "-"];
      const applied = await stage.kubectl.ok(apply, { stdin: rendered });
      expect(applied.match(/ serverside-applied$/gm)).toHaveLength(all.length + 1);
      expect(await stage.kubectl.ok(apply, { stdin: rendered })).toBe(applied);
      await stage.kubectl.ok(["delete", "-n", stage.namespace, "-f", "-"], { stdin: rendered });
      expect(await objects("piped")).toEqual([]);
    });
  });
}
