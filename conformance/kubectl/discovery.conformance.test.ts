import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "./kinds.ts";
import { minors, openStage, type Stage } from "./stage.ts";
import { tableLines } from "./table-text.ts";

interface ResourceFact {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly enabledByDefault: boolean;
  readonly preferred: boolean;
}

const facts = JSON.parse(readFileSync(new URL("../../api/facts/resources.json", import.meta.url), "utf8")) as {
  readonly resources: readonly ResourceFact[];
};
const served = facts.resources.filter(({ enabledByDefault }) => enabledByDefault);
const preferred = served.filter(({ preferred: first }) => first);
const groupVersion = ({ group, version }: ResourceFact): string => (group === "" ? version : `${group}/${version}`);
const nameOf = ({ group, plural }: ResourceFact): string => (group === "" ? plural : `${plural}.${group}`);

/** It comes with nodes. */
const metrics = "metrics.k8s.io/v1beta1";

describe.each(minors)("kubectl 1.%i discovers", (minor) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(minor, "discovery");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const ok = (...args: readonly string[]): Promise<string> => stage.kubectl.ok(args);

  test("api-resources lists every kind that is on by default", async () => {
    const lines = (await ok("api-resources", "--no-headers", "-o", "wide")).trimEnd().split("\n");
    const rows = lines.map((line) => line.trim().split(/ +/));
    for (const fact of preferred) {
      const row = rows.find(
        (cells) => cells[0] === fact.plural && cells.includes(groupVersion(fact)) && cells.includes(fact.kind),
      );
      expect(row, nameOf(fact)).toBeDefined();
      const cells = [
        fact.plural,
        ...(fact.shortNames === undefined ? [] : [fact.shortNames.join(",")]),
        groupVersion(fact),
        String(fact.namespaced),
        fact.kind,
        fact.verbs.toSorted().join(","),
        ...(fact.categories === undefined ? [] : [fact.categories.join(",")]),
      ];
      expect(row?.map((cell) => (cell.includes("get,") ? cell.split(",").toSorted().join(",") : cell))).toEqual(cells);
    }
    if (stage.target.fresh) expect(rows.filter((cells) => !cells.includes(metrics))).toHaveLength(preferred.length);
    expect(tableLines(await ok("api-resources"))[0]).toBe("NAME | SHORTNAMES | APIVERSION | NAMESPACED | KIND");
  });

  test("api-resources filters by scope, verbs, group and category", async () => {
    const names = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await ok("api-resources", "-o", "name", ...args)).trim().split("\n").toSorted();
    const expected = (wanted: (fact: ResourceFact) => boolean): readonly string[] =>
      preferred.filter(wanted).map(nameOf).toSorted();
    const check = async (args: readonly string[], wanted: (fact: ResourceFact) => boolean): Promise<void> => {
      expect(await names(...args)).toEqual(expect.arrayContaining([...expected(wanted)]));
    };
    await check(["--namespaced=true"], ({ namespaced }) => namespaced);
    await check(["--namespaced=false"], ({ namespaced }) => !namespaced);
    await check(["--verbs=list,create"], ({ verbs }) => verbs.includes("list") && verbs.includes("create"));
    await check(["--categories=all"], ({ categories }) => categories?.includes("all") ?? false);
    expect(await names("--api-group=apps")).toEqual(expected(({ group }) => group === "apps"));
    expect(await names("--verbs=deletecollection")).not.toContain("namespaces");
  });

  test("api-versions lists every group-version", async () => {
    const versions = (await ok("api-versions")).trim().split("\n");
    const wanted = [...new Set(served.map(groupVersion))].toSorted();
    expect(versions).toEqual(expect.arrayContaining(wanted));
    if (stage.target.fresh) expect(versions.filter((version) => version !== metrics)).toEqual(wanted);
  });

  test("version", async () => {
    const { serverVersion, clientVersion } = JSON.parse(await ok("version", "-o", "json")) as Record<
      string,
      Record<string, string>
    >;
    expect(clientVersion?.["minor"]).toBe(String(minor));
    expect(serverVersion).toMatchObject({
      major: "1",
      minor: "36",
      gitVersion: expect.stringMatching(/^v1\.36\.\d+/),
      platform: expect.stringContaining("/"),
    });
    expect(await ok("version")).toMatch(/^Server Version: v1\.36\.\d+/m);
  });

  test("cluster-info", async () => {
    expect(await ok("cluster-info")).toMatch(/Kubernetes control plane.* is running at .*https:\/\//);
  });

  test("auth whoami", async () => {
    const { status } = JSON.parse(await ok("auth", "whoami", "-o", "json")) as {
      status: { userInfo: { username: string; groups: string[] } };
    };
    expect(status.userInfo.username).not.toBe("");
    expect(status.userInfo.groups).toContain("system:authenticated");
    const lines = tableLines(await ok("auth", "whoami"));
    expect(lines[0]).toBe("ATTRIBUTE | VALUE");
    expect(lines[1]).toBe(`Username | ${status.userInfo.username}`);
  });

  test("raw paths of the server itself", async () => {
    expect(await ok("get", "--raw", "/healthz")).toBe("ok");
    expect(await ok("get", "--raw", "/readyz?verbose")).toMatch(/^\[\+\]ping ok\n[^]*readyz check passed\n$/);
    expect(await ok("get", "--raw", "/livez/ping")).toBe("ok");
    expect(JSON.parse(await ok("get", "--raw", "/version"))).toMatchObject({ minor: "36" });
    expect(JSON.parse(await ok("get", "--raw", "/api"))).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
    expect(JSON.parse(await ok("get", "--raw", "/apis"))).toMatchObject({ kind: "APIGroupList" });
    expect(JSON.parse(await ok("get", "--raw", "/apis/apps/v1"))).toMatchObject({
      kind: "APIResourceList",
      groupVersion: "apps/v1",
    });
    expect(JSON.parse(await ok("get", "--raw", "/openapi/v3"))).toHaveProperty([
      "paths",
      "apis/apps/v1",
      "serverRelativeURL",
    ]);
    expect(JSON.parse(await ok("get", "--raw", "/openapi/v2"))).toMatchObject({ swagger: "2.0" });
    expect(await ok("get", "--raw", "/metrics")).toMatch(/^apiserver_request_total\{.*verb="/m);
    const missing = await stage.kubectl.exits(1, ["get", "--raw", "/apis/nothing.example/v1"]);
    expect(missing.stderr).toContain("Error from server (NotFound): the server could not find the requested resource");
  });

  test("short names, singulars and kinds all mean the resource", async () => {
    for (const name of ["ns", "namespace", "namespaces", "Namespace", "namespaces.v1."]) {
      expect(await ok("get", name, "default", "-o", "name")).toBe("namespace/default\n");
    }
    expect(await ok("get", "deploy,sts,ds", "-n", stage.namespace, "-o", "name")).toBe("");
    const unknown = await stage.kubectl.exits(1, ["get", "nothings"]);
    expect(unknown.stderr).toBe('error: the server doesn\'t have a resource type "nothings"\n');
  });
});

test("the golden rows cover every kind that is on by default, can be made and is kept", () => {
  const covered = new Set(
    kinds.map(({ folder }) => folder.replace(/^core\//, "/").replace("autoscaling-v1/", "autoscaling/")),
  );
  const missing = served.filter(
    ({ verbs, group, plural }) =>
      verbs.includes("create") && verbs.includes("get") && !covered.has(`${group}/${plural}`),
  );
  expect(missing.map(nameOf)).toEqual([]);
});
