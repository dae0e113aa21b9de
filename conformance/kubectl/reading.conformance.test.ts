import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minors, openStage, type Stage } from "./stage.ts";
import { tableLines } from "./table-text.ts";

describe.each(minors)("kubectl 1.%i reads", (minor) => {
  const count = 25;
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(minor, "reading");
    const items = Array.from({ length: count }, (_, index) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: `item-${String(index).padStart(2, "0")}`,
        labels: { parity: index % 2 === 0 ? "even" : "odd", number: String(index) },
      },
      data: { order: String(count - index) },
    }));
    const manifest = { apiVersion: "v1", kind: "List", items };
    await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], { stdin: JSON.stringify(manifest) });
    await stage.ok("create", "deployment", "web", "--image=registry.example/app:1", "--replicas=0");
    await stage.ok("create", "service", "externalname", "web", "--external-name=web.conformance.example");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const names = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await stage.ok("get", "configmaps", "-o", "name", ...args))
      .split("\n")
      .filter((line) => line.startsWith("configmap/item-"));

  test("pages hold everything once and in order", async () => {
    const all = await names();
    expect(all).toHaveLength(count);
    expect(await names("--chunk-size=7")).toEqual(all);
    const lines = tableLines(await stage.ok("get", "configmaps", "--chunk-size=7", "-l", "parity"));
    expect(lines[0]).toBe("NAME | DATA | AGE");
    expect(lines).toHaveLength(count + 1);
    const page = JSON.parse(
      await stage.kubectl.ok(["get", "--raw", `/api/v1/namespaces/${stage.namespace}/configmaps?limit=10`]),
    ) as {
      metadata: { continue: string; remainingItemCount: number; resourceVersion: string };
      items: object[];
    };
    expect(page.items).toHaveLength(10);
    const rest = `limit=500&continue=${encodeURIComponent(page.metadata.continue)}`;
    const next = JSON.parse(
      await stage.kubectl.ok(["get", "--raw", `/api/v1/namespaces/${stage.namespace}/configmaps?${rest}`]),
    ) as typeof page;
    expect(next.items).toHaveLength(page.metadata.remainingItemCount);
    expect(next.metadata.resourceVersion).toBe(page.metadata.resourceVersion);
    expect(next.metadata.continue ?? "").toBe("");
  });

  test("label and field selectors", async () => {
    expect(await names("-l", "parity=even")).toHaveLength(13);
    expect(await names("-l", "parity!=even,parity")).toHaveLength(12);
    expect(await names("-l", "number in (3,4)")).toEqual(["configmap/item-03", "configmap/item-04"]);
    expect(await names("-l", "parity notin (even),number notin (1)")).toHaveLength(11);
    expect(await names("-l", "!parity")).toEqual([]);
    expect(await names("--field-selector=metadata.name=item-05")).toEqual(["configmap/item-05"]);
    expect(await names("--field-selector=metadata.name!=item-05")).toHaveLength(count - 1);
    expect(await stage.refused("get", "configmaps", "--field-selector=data.order=1")).toContain(
      '"data.order" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(await stage.refused("get", "pods", "--field-selector=spec.order=1")).toContain(
      "field label not supported: spec.order",
    );
    expect(await stage.refused("get", "configmaps", "-l", "no=such=thing")).toContain(
      "found '=', expected: ',' or 'end of string'",
    );
  });

  test("sorting, columns of labels, no headers", async () => {
    const sorted = tableLines(
      await stage.ok(
        "get",
        "configmaps",
        "-l",
        "parity=odd",
        "--sort-by=.metadata.name",
        "-L",
        "number",
        "--no-headers",
      ),
    );
    expect(sorted.map((line) => line.split(" | ")[3])).toEqual([
      "1",
      "3",
      "5",
      "7",
      "9",
      "11",
      "13",
      "15",
      "17",
      "19",
      "21",
      "23",
    ]);
    const kinds = tableLines(await stage.ok("get", "configmaps/item-00", "deployment/web"));
    expect(kinds[0]).toBe("NAME | DATA | AGE");
    expect(kinds[1]).toMatch(/^configmap\/item-00 \| 1 \| /);
    expect(kinds[2]).toBe("NAME | READY | UP-TO-DATE | AVAILABLE | AGE");
    expect(kinds[3]).toMatch(/^deployment\.apps\/web \| 0\/0 \| 0 \| 0 \| /);
  });

  test("get all, several kinds, ignored absences", async () => {
    const all = await stage.ok("get", "all", "-o", "name");
    expect(all).toContain("deployment.apps/web\n");
    expect(all).toContain("service/web\n");
    expect(all).not.toContain("configmap");
    const several = await stage.ok("get", "deploy,svc", "-o", "name");
    expect(several).toBe("deployment.apps/web\nservice/web\n");
    expect(await stage.ok("get", "configmap", "absent", "--ignore-not-found")).toBe("");
    expect(await stage.refused("get", "configmap", "absent")).toBe(
      'Error from server (NotFound): configmaps "absent" not found\n',
    );
    expect((await stage.kubectl.ok(["get", "secrets", "-n", "conformance-absent"])).trim()).toBe("");
    const wide = tableLines(await stage.ok("get", "deployment", "web", "-o", "wide"));
    expect(wide[1]).toMatch(/^web \| 0\/0 \| 0 \| 0 \| \S+ \| app \| registry\.example\/app:1 \| app=web$/);
  });

  test("templates over lists", async () => {
    const jsonpath = 'jsonpath={range .items[?(@.data.order=="7")]}{.metadata.name}{"\\n"}{end}';
    expect(await stage.ok("get", "configmaps", "-o", jsonpath)).toBe("item-18\n");
    const template = "go-template={{range .items}}{{if .data.order}}{{.data.order}} {{end}}{{end}}";
    expect(await stage.ok("get", "configmaps", "-l", "number in (0,1)", "-o", template)).toBe("25 24 ");
    const json = JSON.parse(
      await stage.ok("get", "configmaps", "-l", "number=2", "-o", "jsonpath-as-json={.items[*].data}"),
    ) as unknown;
    expect(json).toEqual([{ order: "23" }]);
  });

  test("-w follows a selector: what leaves it is deleted, what enters it is added", async () => {
    const args = [
      "get",
      "configmaps",
      "-n",
      stage.namespace,
      "-l",
      "watch=me",
      "-w",
      "--output-watch-events",
      "--no-headers",
    ];
    await using watch = stage.kubectl.start(args);
    const seen = (text: string): readonly string[] =>
      tableLines(text).map((line) => line.split(" | ").slice(0, 2).join(" "));
    // A label given before the watch stands shows as its first object.
    await stage.ok("label", "configmap", "item-10", "watch=me");
    await watch.until((text) => seen(text).includes("ADDED item-10"));
    await stage.ok("label", "configmap", "item-11", "watch=me");
    await stage.ok("annotate", "configmap", "item-10", "some=thing");
    await stage.ok("label", "configmap", "item-10", "watch=other", "--overwrite");
    await stage.ok("delete", "configmap", "item-11");
    const stdout = await watch.until((text) => seen(text).length >= 5);
    expect(seen(stdout)).toEqual([
      "ADDED item-10",
      "ADDED item-11",
      "MODIFIED item-10",
      "DELETED item-10",
      "DELETED item-11",
    ]);
  });

  test("-w shows a pod come and go, wait the same", async () => {
    await using watch = stage.kubectl.start([
      ...["get", "pods", "-n", stage.namespace, "-l", "run=brief", "-w", "--output-watch-events", "--no-headers"],
    ]);
    await stage.ok("run", "brief", "--image=registry.k8s.io/pause:3.10");
    expect(await stage.ok("wait", "--for=condition=Ready", "pod/brief", "--timeout=30s")).toBe(
      "pod/brief condition met\n",
    );
    await watch.until((text) => /^(?:ADDED|MODIFIED) +brief +1\/1 +Running/m.test(text));
    await using gone = stage.kubectl.start(["wait", "--for=delete", "pod/brief", "-n", stage.namespace]);
    await stage.ok("delete", "pod", "brief");
    await gone.ended();
    await watch.until((text) => /^MODIFIED +brief .* Terminating [^]*^DELETED +brief /m.test(text));
  });

  test("-w in JSON, and only what is new", async () => {
    await using watch = stage.kubectl.start([
      "get",
      "configmap",
      "item-20",
      "-n",
      stage.namespace,
      "--watch-only",
      "-o",
      "json",
    ]);
    for (const value of ["one", "two", "three"])
      await stage.ok("annotate", "configmap", "item-20", `round=${value}`, "--overwrite");
    const stdout = await watch.until((text) => text.includes('"round": "three"'));
    expect(stdout).toContain('"kind": "ConfigMap"');
  });

  test("describe", async () => {
    const text = await stage.ok("describe", "configmap", "item-03");
    expect(text).toMatch(/^Name: +item-03$/m);
    expect(text).toMatch(/^Labels: +number=3\n +parity=odd$/m);
    expect(text).toMatch(/^order:\n----\n22\n/m);
    const deployment = await stage.ok("describe", "deployment", "web");
    expect(deployment).toMatch(/^Replicas: +0 desired \| 0 updated \| 0 total \| 0 available \| 0 unavailable$/m);
    expect(deployment).toMatch(/^ +Image: +registry\.example\/app:1$/m);
    expect(await stage.ok("describe", "service", "web")).toMatch(/^External Name: +web\.conformance\.example$/m);
  });
});
