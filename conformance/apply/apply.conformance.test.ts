import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage, type Stage } from "../kubectl/stage.ts";
import type { Minor } from "../kubectl/kubectl.ts";
import type { Manifest } from "../manifests.ts";
import { createApplier, fieldsOf, managersOf, type Applier } from "./managers.ts";

/** The newest and the oldest. */
describe.each([36, 32] satisfies Minor[])("kubectl 1.%i applies on the server", (minor) => {
  let stage: Stage;
  let [one, two]: Applier[] = [];
  const as = (applier: Applier | undefined): Applier => {
    if (applier === undefined) throw new Error("the stage is not set");
    return applier;
  };

  beforeAll(async () => {
    stage = await openStage(minor, "apply");
    [one, two] = [createApplier(stage, "one"), createApplier(stage, "two")];
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const config = (name: string, data: object, metadata: object = {}): object => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...metadata },
    data,
  });
  const service = (name: string, ports: readonly object[], metadata: object = {}): object => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...metadata },
    spec: { selector: { app: name }, ports },
  });
  const deployment = (name: string, spec: object, containers: readonly object[]): object => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      ...spec,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers } },
    },
  });
  const versionOf = async (resource: string, name: string): Promise<string> =>
    ((await stage.json("get", resource, name)).metadata as { resourceVersion?: string }).resourceVersion ?? "";
  const dataOf = async (name: string): Promise<unknown> => (await stage.json("get", "configmap", name))["data"];

  test("two fight over a field, and one wins by force", async () => {
    expect(await as(one).ok(config("fought", { a: "1", b: "1" }))).toBe("configmap/fought serverside-applied\n");
    const lost = await as(two).run(config("fought", { a: "2", c: "2" }));
    expect({ code: lost.code, stdout: lost.stdout }).toEqual({ code: 1, stdout: "" });
    expect(lost.stderr).toMatch(
      /^error: Apply failed with 1 conflict: conflict with "one": \.data\.a\nPlease review the fields above/,
    );
    const both = await as(two).run(config("fought", { a: "2", b: "2" }));
    expect(both.stderr).toMatch(
      /^error: Apply failed with 2 conflicts: conflicts with "one":\n- \.data\.a\n- \.data\.b\n/,
    );
    expect(await dataOf("fought")).toEqual({ a: "1", b: "1" });

    await as(two).ok(config("fought", { a: "2", c: "2" }), "--force-conflicts");
    expect(await dataOf("fought")).toEqual({ a: "2", b: "1", c: "2" });
    expect(await fieldsOf(stage, "configmap", "fought", "one")).toEqual([".data.b"]);
    expect(await fieldsOf(stage, "configmap", "fought", "two")).toEqual([".data.a", ".data.c"]);
  });

  test("equal values are shared, and stay until the last one lets go", async () => {
    await as(one).ok(config("shared", { a: "1", b: "1" }));
    await as(two).ok(config("shared", { a: "1" }));
    await as(one).ok(config("shared", { b: "1" }));
    expect(await dataOf("shared")).toEqual({ a: "1", b: "1" });
    await as(two).ok(config("shared", {}));
    expect(await dataOf("shared")).toEqual({ b: "1" });
    expect((await managersOf(stage, "configmap", "shared")).map(({ manager }) => manager).toSorted()).toEqual([
      "one",
      "two",
    ]);
  });

  test("what changes nothing writes nothing", async () => {
    await as(one).ok(config("idle", { a: "1" }));
    const [version, managers] = [await versionOf("configmap", "idle"), await managersOf(stage, "configmap", "idle")];
    await as(one).ok(config("idle", { a: "1" }));
    expect(await versionOf("configmap", "idle")).toBe(version);
    expect(await managersOf(stage, "configmap", "idle")).toEqual(managers);
    await as(one).ok(config("idle", { a: "2" }), "--dry-run=server");
    expect(await versionOf("configmap", "idle")).toBe(version);
  });

  test("others change what was applied: by update, edit and scale", async () => {
    await as(one).ok(deployment("changed", { replicas: 1 }, [{ name: "app", image: "registry.example/app:1" }]));
    await stage.ok("scale", "deployment/changed", "--replicas=3");
    const scaled = (await managersOf(stage, "deployment", "changed")).find(
      ({ subresource }) => subresource === "scale",
    );
    expect(scaled).toMatchObject({
      manager: "kubectl",
      operation: "Update",
      apiVersion: "apps/v1",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
    });
    const again = await as(one).run(
      deployment("changed", { replicas: 1 }, [{ name: "app", image: "registry.example/app:1" }]),
    );
    expect(again.stderr).toMatch(
      /^error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas\n/,
    );
    // Without the field: it is the other's now, and stays.
    await as(one).ok(deployment("changed", {}, [{ name: "app", image: "registry.example/app:1" }]));
    expect((await stage.json("get", "deployment", "changed"))["spec"]).toMatchObject({ replicas: 3 });

    await stage.ok("set", "image", "deployment/changed", "app=registry.example/app:2", "--field-manager=setter");
    const image = await as(one).run(deployment("changed", {}, [{ name: "app", image: "registry.example/app:1" }]));
    expect(image.stderr).toMatch(
      /^error: Apply failed with 1 conflict: conflict with "setter" using apps\/v1: \.spec\.template\.spec\.containers\[name="app"\]\.image\n/,
    );
  });

  test("lists with keys: ports by number and protocol, containers by name", async () => {
    await as(one).ok(
      service("keyed", [
        { name: "a", port: 80 },
        { name: "b", port: 80, protocol: "UDP" },
      ]),
    );
    await as(two).ok(service("keyed", [{ name: "c", port: 90 }]));
    const named = async (): Promise<unknown> =>
      ((await stage.json("get", "service", "keyed"))["spec"] as { ports: { name: string }[] }).ports.map(
        ({ name }) => name,
      );
    expect(await named()).toEqual(["a", "b", "c"]);
    expect(await fieldsOf(stage, "service", "keyed", "two")).toEqual([
      '.spec.ports[{"port":90,"protocol":"TCP"}]',
      '.spec.ports[{"port":90,"protocol":"TCP"}].name',
      '.spec.ports[{"port":90,"protocol":"TCP"}].port',
      ".spec.selector",
    ]);
    await as(one).ok(service("keyed", [{ name: "b", port: 80, protocol: "UDP" }]));
    expect(await named()).toEqual(["b", "c"]);
    const twice = await as(one).run(
      service("keyed", [
        { name: "a", port: 80 },
        { name: "b", port: 80 },
      ]),
    );
    expect(twice.stderr).toContain('duplicate entries for key [port=80,protocol="TCP"]');

    const container = (name: string, more: object = {}): object => ({ name, image: "registry.example/app:1", ...more });
    await as(one).ok(deployment("keyed", {}, [container("app", { env: [{ name: "A", value: "1" }] })]));
    await as(two).ok(
      deployment("keyed", {}, [container("app", { env: [{ name: "B", value: "2" }] }), container("side")]),
    );
    await as(one).ok(deployment("keyed", {}, [container("app")]));
    const { template } = (await stage.json("get", "deployment", "keyed"))["spec"] as { template: { spec: object } };
    expect(template.spec).toMatchObject({
      containers: [{ name: "app", env: [{ name: "B", value: "2" }] }, { name: "side" }],
    });
  });

  test("sets: each owns its finalizers; maps: each its labels", async () => {
    const meta = (letter: string): object => ({
      finalizers: [`conformance.example/${letter}`],
      labels: { [letter]: "1" },
    });
    const plain = (metadata: object): object => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "sets", ...metadata },
    });
    await as(one).ok(plain(meta("a")));
    await as(two).ok(plain(meta("b")));
    const metadata = async (): Promise<unknown> => (await stage.json("get", "configmap", "sets")).metadata;
    expect(await metadata()).toMatchObject({
      finalizers: ["conformance.example/a", "conformance.example/b"],
      labels: { a: "1", b: "1" },
    });
    await as(one).ok(plain({}));
    expect(await metadata()).toMatchObject({ finalizers: ["conformance.example/b"], labels: { b: "1" } });
    await as(two).ok(plain({}));
    expect(await metadata()).not.toHaveProperty("finalizers");
  });

  test("from client-side apply to server-side apply", async () => {
    const stdin = JSON.stringify(config("migrated", { a: "1", b: "1" }));
    await stage.kubectl.ok(["apply", "-n", stage.namespace, "-f", "-"], { stdin });
    expect((await managersOf(stage, "configmap", "migrated"))[0]).toMatchObject({
      manager: "kubectl-client-side-apply",
      operation: "Update",
    });
    const migrate = ["apply", "--server-side", "-n", stage.namespace, "-f", "-"];
    await stage.kubectl.ok(migrate, { stdin: JSON.stringify(config("migrated", { a: "1" })) });
    expect(await dataOf("migrated")).toEqual({ a: "1" });
    const managers = (await managersOf(stage, "configmap", "migrated")).map(
      ({ manager, operation }) => `${manager} ${operation}`,
    );
    expect(managers.toSorted()).toEqual(["kubectl Apply", "kubectl-last-applied Apply"]);
    // The annotation goes on, so that the way back is open.
    await stage.kubectl.ok(["apply", "-n", stage.namespace, "-f", "-"], {
      stdin: JSON.stringify(config("migrated", { c: "1" })),
    });
    expect(await dataOf("migrated")).toEqual({ c: "1" });
  });

  test("diff shows what apply would do, and asks about conflicts", async () => {
    await as(one).ok(config("compared", { a: "1", b: "1" }));
    const diff = (manager: string, data: object, ...args: readonly string[]): ReturnType<Stage["kubectl"]["run"]> =>
      stage.kubectl.run(
        ["diff", "--server-side", `--field-manager=${manager}`, "-n", stage.namespace, "-f", "-", ...args],
        { stdin: JSON.stringify(config("compared", data)) },
      );
    expect(await diff("one", { a: "1", b: "1" })).toMatchObject({ code: 0, stdout: "" });
    const shown = await diff("one", { a: "2" });
    expect(shown.code).toBe(1);
    expect(shown.stdout.split("\n").filter((line) => /^[-+] /.test(line))).toEqual([
      '-  a: "1"',
      '-  b: "1"',
      '+  a: "2"',
    ]);
    const conflict = await diff("two", { a: "2" });
    expect(conflict.code).toBeGreaterThan(1);
    expect(conflict.stderr).toContain('conflict with "one": .data.a');
    expect((await diff("two", { a: "2" }, "--force-conflicts")).stdout).toContain('+  a: "2"');
    expect(await dataOf("compared")).toEqual({ a: "1", b: "1" });
  });

  test("status has managers of its own", async () => {
    // No controller has a word to say about the status of a service that has only an address.
    const reported = service("reported", [{ port: 80 }]);
    await as(one).ok(reported);
    const condition = { status: "True", reason: "Tested", message: "by conformance" };
    const status = (type: string): object => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "reported" },
      status: { conditions: [{ ...condition, type, lastTransitionTime: "2026-01-02T03:04:05Z" }] },
    });
    expect(await as(two).ok(status("Tested"), "--subresource=status")).toBe("service/reported serverside-applied\n");
    const entry = (await managersOf(stage, "service", "reported")).find(({ manager }) => manager === "two");
    expect(entry).toMatchObject({ operation: "Apply", subresource: "status" });
    expect(Object.keys(entry?.fieldsV1 ?? {})).toEqual(["f:status"]);
    await as(two).ok(status("Other"), "--subresource=status");
    const found = (await stage.json("get", "service", "reported"))["status"] as { conditions: { type: string }[] };
    expect(found.conditions.map(({ type }) => type)).toEqual(["Other"]);
    // The main endpoint ignores it, also who owned it.
    await as(one).ok({ ...reported, status: { loadBalancer: { ingress: [{ ip: "192.0.2.44" }] } } });
    expect((await stage.json("get", "service", "reported"))["status"]).toMatchObject({ loadBalancer: {} });
    expect((await stage.json("get", "service", "reported"))["status"]).not.toHaveProperty("loadBalancer.ingress");
  });

  test("an object cannot be applied that says who manages it, nor to a place where another is", async () => {
    const managed = config("wrong", {}, { managedFields: [{ manager: "x", operation: "Apply", apiVersion: "v1" }] });
    expect((await as(one).run(managed)).stderr).toContain("metadata.managedFields must be nil");
    const { metadata } = await stage.json("get", "configmap", "idle");
    const stale: Manifest = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { ...metadata, name: "idle" },
      data: { a: "9" },
    };
    const { stderr } = await as(one).run({
      ...stale,
      metadata: { name: "idle", uid: "6a4d3a0c-0000-4000-8000-000000000000" },
    });
    expect(stderr).toContain(
      'Operation cannot be fulfilled on configmaps "idle": Precondition failed: UID in precondition: 6a4d3a0c-0000-4000-8000-000000000000, UID in object meta: ',
    );
    const old = await as(one).run({ ...stale, metadata: { name: "idle", resourceVersion: "1" } });
    expect(old.stderr).toContain(
      "the object has been modified; please apply your changes to the latest version and try again",
    );
  });
});
